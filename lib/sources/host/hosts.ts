import type { HostReading, HostSource } from '../../domain/board/readings.ts';
import type { ServerAddress } from '../../domain/process/server-address.ts';
import type { SshHost } from '../../domain/process/ssh-host.ts';
import type { Environment } from '../../system/surroundings.ts';
import type { ConnectionWorld } from '../server/connection.ts';
import { realWorld, withPatience } from '../server/connection.ts';
import { HostLink, type HostWay } from './host-link.ts';
import { serveLines } from './serve-events.ts';
import { sshLines } from './ssh.ts';
import { readTokens } from './tokens.ts';

/** What other machines are reached with. */
export interface HostsOptions {
  readonly ssh: readonly SshHost[];
  readonly serves: readonly ServerAddress[];
  readonly env: Environment;
  /** `process.getuid()`: whose file of tokens is believed. */
  readonly userId: number | undefined;
  /** Sessions at rest, too (`--all`). */
  readonly includeIdle: boolean;
  readonly world?: ConnectionWorld;
}

/** How long a command that prints and exits waits for machines that its user named. */
const patienceMs = 5_000;
/** Hosts whose otop follows each other would start one another without end. */
const watchCommand = 'otop sessions --watch --no-hosts --include-noninteractive';

/** The sessions of other machines; each is followed on its own, so that none delays another. */
export class Hosts implements HostSource {
  readonly #options: HostsOptions;
  #links: readonly HostLink[] | undefined;
  #troubles: HostReading['troubles'] = [];
  #onChange: () => void = () => undefined;

  /** Nothing is connected before the first `refresh`. */
  constructor(options: HostsOptions) {
    this.#options = options;
  }

  refresh(): readonly HostReading[] {
    this.#links ??= this.#connect();
    const [first, ...others] = this.#links.map((link) => link.reading());
    return first === undefined
      ? []
      : [{ ...first, troubles: [...this.#troubles, ...first.troubles] }, ...others];
  }

  listen(onChange: () => void): void {
    this.#onChange = onChange;
  }

  settled(): Promise<void> | undefined {
    if (this.#links === undefined || this.#links.length === 0) return undefined;
    return withPatience(Promise.all(this.#links.map((link) => link.firstWord)), patienceMs);
  }

  close(): void {
    for (const link of this.#links ?? []) link.close();
  }

  #connect(): readonly HostLink[] {
    const { world = realWorld } = this.#options;
    return this.#ways().map((way) => new HostLink(way, world, () => this.#onChange()));
  }

  #ways(): readonly HostWay[] {
    const { ssh, serves, env, userId, includeIdle } = this.#options;
    const command = `${watchCommand}${includeIdle ? ' --all' : ''}`;
    const tokens = readTokens(env, userId);
    if (tokens.trouble !== undefined) this.#troubles = [{ source: 'host', text: tokens.trouble }];
    const bySsh = ssh.map(
      (host): HostWay => ({
        name: host.name,
        kind: 'ssh',
        open: (signal) => sshLines(host, { env, command }, signal),
      }),
    );
    const byServe = serves.map(
      ({ url, name }): HostWay => ({
        name,
        kind: 'otop',
        open: (signal) => serveLines({ url, token: tokens.tokenFor(url) }, signal),
      }),
    );
    return [...new Map([...bySsh, ...byServe].map((way) => [`${way.kind} ${way.name}`, way])).values()];
  }
}

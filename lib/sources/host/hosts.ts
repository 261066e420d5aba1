import type { HostReading, HostSource } from '../../domain/board/readings.ts';
import type { ServerAddress } from '../../domain/process/server-address.ts';
import type { SshHost } from '../../domain/process/ssh-host.ts';
import type { Environment } from '../../system/surroundings.ts';
import type { ConnectionEnv } from '../server/connection.ts';
import { systemEnv, withTimeout } from '../server/connection.ts';
import { HostLink, type HostTarget } from './host-link.ts';
import { serveLines } from './serve-events.ts';
import { sshLines } from './ssh.ts';
import { readTokens } from './tokens.ts';

/** The other machines, and the inputs for connections to them. */
export interface HostsOptions {
  readonly ssh: readonly SshHost[];
  readonly serves: readonly ServerAddress[];
  readonly env: Environment;
  /** `process.getuid()`: only a token file of this user is trusted. */
  readonly userId: number | undefined;
  /** Includes idle sessions (`--all`). */
  readonly includeIdle: boolean;
  readonly connectionEnv?: ConnectionEnv;
}

/** The time limit of `settled`, for a command that prints and exits. */
const timeoutMs = 5_000;
/** `--no-hosts` prevents an endless chain of machines that follow each other. */
const watchCommand = 'otop sessions --watch --no-hosts --include-noninteractive';

/** The sessions of other machines. Each machine has its own connection, so that none delays another. */
export class Hosts implements HostSource {
  readonly #options: HostsOptions;
  #links: readonly HostLink[] | undefined;
  #troubles: HostReading['troubles'] = [];
  #onChange: () => void = () => undefined;

  /** Connects only at the first `refresh`. */
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
    return withTimeout(Promise.all(this.#links.map((link) => link.firstOutcome)), timeoutMs);
  }

  close(): void {
    for (const link of this.#links ?? []) link.close();
  }

  #connect(): readonly HostLink[] {
    const { connectionEnv = systemEnv } = this.#options;
    return this.#targets().map((target) => new HostLink(target, connectionEnv, () => this.#onChange()));
  }

  #targets(): readonly HostTarget[] {
    const { ssh, serves, env, userId, includeIdle } = this.#options;
    const command = `${watchCommand}${includeIdle ? ' --all' : ''}`;
    const tokens = readTokens(env, userId);
    if (tokens.trouble !== undefined) this.#troubles = [{ source: 'host', text: tokens.trouble }];
    const bySsh = ssh.map(
      (host): HostTarget => ({
        name: host.name,
        kind: 'ssh',
        open: (signal) => sshLines(host, { env, command }, signal),
      }),
    );
    const byServe = serves.map(
      ({ url, name }): HostTarget => ({
        name,
        kind: 'otop',
        open: (signal) => serveLines({ url, token: tokens.tokenFor(url) }, signal),
      }),
    );
    return [
      ...new Map([...bySsh, ...byServe].map((target) => [`${target.kind} ${target.name}`, target])).values(),
    ];
  }
}

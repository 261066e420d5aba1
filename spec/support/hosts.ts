import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostReading } from '../../lib/domain/board/readings.ts';
import { Hosts, type HostsOptions } from '../../lib/sources/host/hosts.ts';
import { sanitize } from '../../lib/text/sanitize.ts';
import { boardFeed } from '../../lib/view/board-feed.ts';
import { board, row } from './board.ts';
import { within } from './wait.ts';

/** Returns the first lines of the feed of another machine with this number of sessions. */
export function feedOf(host: string, sessions: number, atMs: number): string {
  const rows = Array.from({ length: sessions }, (_, index) =>
    row(`${host}${index}`, `Session ${index}`, { host: sanitize(host) }),
  );
  const [line] = boardFeed({ host, machineId: `${host}-id`, version: '0.0.0' }).next({
    ...board(rows),
    atMs,
  });
  return `${JSON.stringify(line)}\n`;
}

/** Other machines behind a fake ssh: a shell script that runs one script per machine. */
export interface HostsUnderTest {
  /** Sets the shell script that `ssh … NAME …` runs in the folder of the files; `$1` is the remote command. */
  script(name: string, shell: string): void;
  /** Writes a file and returns its path. */
  file(name: string, text: string): string;
  open(names: readonly string[], some?: Partial<HostsOptions>): Hosts;
  /** Resolves with the first reading of all hosts that passes `test`. */
  reading(test: (now: readonly HostReading[]) => boolean): Promise<readonly HostReading[]>;
  close(): void;
}

/** Creates the fake ssh in a temporary folder. */
export function hostsUnderTest(): HostsUnderTest {
  const folder = mkdtempSync(join(tmpdir(), 'otop-hosts-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const dispatch =
    '#!/bin/sh\nwhile [ "$1" != "--" ]; do options="$options $1"; shift; done\n' +
    `export SSH_OPTIONS="$options"\ncd "$(dirname "$0")" && exec /bin/sh "./$2.sh" "$3"\n`;
  chmodSync(file('ssh', dispatch), 0o700);
  let hosts: Hosts | undefined;
  return {
    file,
    script: (name, shell) => void file(`${name}.sh`, shell),
    open(names, some = {}) {
      hosts = new Hosts({
        ssh: names.map((name) => ({ name: sanitize(name) })),
        serves: [],
        env: { PATH: `${folder}:${process.env.PATH}` },
        userId: process.getuid?.(),
        includeIdle: false,
        ...some,
      });
      return hosts;
    },
    reading(test) {
      const found = new Promise<readonly HostReading[]>((resolve) => {
        const refresh = () => {
          const now = hosts?.refresh() ?? [];
          if (test(now)) resolve(now);
        };
        hosts?.listen(refresh);
        refresh();
      });
      return within('such a reading of hosts', found);
    },
    close() {
      hosts?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

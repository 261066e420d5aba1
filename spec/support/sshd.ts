import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { otopPath } from './program.ts';
import { eventOf, until } from './wait.ts';

const programs = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/lib/ssh/sshd'];

/** Path of OpenSSH's server, or undefined if it is not installed. */
export const sshdPath = process.platform === 'linux' ? programs.find((path) => existsSync(path)) : undefined;

/** A machine behind the sshd; each machine's host name has its own key. */
interface Machine {
  /** Shell script of its `otop`; if absent, the machine has no otop. */
  readonly otop?: string;
}

/** A real sshd on a loopback port, with its own keys and ssh configuration; it reads none of the user's files. */
export interface Sshd {
  readonly folder: string;
  /** A PATH whose `ssh` knows the hosts of `hostLines` and one host for each machine. */
  readonly path: string;
  /** Pids of the processes that serve open connections, for all machines. */
  connections(): readonly number[];
  close(): void;
}

/** Returns a shell script for another machine's `otop`: runs `before`, then the built otop with a simulated fleet. */
export function demoOtop(before = ''): string {
  return `${before}\nexec "${process.execPath}" "${otopPath}" "$@" --demo --seed 2`;
}

/**
 * Starts an sshd. `hostLines` are lines of ssh's configuration for further hosts, in which `PORT` stands for the sshd's
 * port and `KEY` for an accepted key.
 */
export async function startSshd(
  machines: Readonly<Record<string, Machine>>,
  hostLines: readonly string[] = [],
): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'otop-sshd-'));
  const at = (...names: readonly string[]) => join(folder, ...names);
  const keyPair = (name: string) => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)]);
    return readFileSync(at(`${name}.pub`), 'utf8').trim();
  };
  const port = await freePort();
  const hostKey = keyPair('host_key');
  const accepted = Object.entries(machines).map(([name, { otop }]) => {
    mkdirSync(at(name));
    if (otop !== undefined) writeFileSync(at(name, 'otop'), `#!/bin/sh\n${otop}\n`, { mode: 0o700 });
    return `environment="PATH=${at(name)}:/usr/bin:/bin",environment="HOME=${at(name)}" ${keyPair(`key-${name}`)}`;
  });
  writeFileSync(at('authorized_keys'), `${accepted.join('\n')}\n`, { mode: 0o600 });
  writeFileSync(at('known_hosts'), `[127.0.0.1]:${port} ${hostKey}\n`);
  writeFileSync(at('sshd_config'), serverLines(folder, port));
  writeFileSync(at('ssh_config'), clientLines(folder, port, Object.keys(machines), hostLines));
  mkdirSync(at('bin'));
  writeFileSync(at('bin', 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F "${at('ssh_config')}" "$@"\n`);
  chmodSync(at('bin', 'ssh'), 0o700);
  const server = await listening(at('sshd_config'), port);
  return {
    folder,
    path: `${at('bin')}:${dirname(process.execPath)}:/usr/bin:/bin`,
    connections: () => childrenOf(server.pid),
    close() {
      for (const pid of childrenOf(server.pid)) process.kill(pid, 'SIGKILL');
      server.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function serverLines(folder: string, port: number): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host_key')}`,
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    `PidFile ${join(folder, 'pid')}`,
    // Its folder is below the temporary directory, which all users can write to.
    'StrictModes no',
    'UsePAM no',
    'PermitUserEnvironment yes',
    'PermitRootLogin yes',
    'PasswordAuthentication yes',
    'KbdInteractiveAuthentication no',
    'MaxStartups 100',
    '',
  ].join('\n');
}

function clientLines(
  folder: string,
  port: number,
  names: readonly string[],
  more: readonly string[],
): string {
  const key = (name: string) => `  IdentityFile ${join(folder, `key-${name}`)}`;
  const own = names.flatMap((name) => [`Host ${name}`, key(name)]);
  const others = more.map((line) =>
    line.replaceAll('PORT', String(port)).replaceAll('KEY', join(folder, `key-${names[0]}`)),
  );
  return [
    ...own,
    ...others,
    'Host *',
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    `  User ${userInfo().username}`,
    `  UserKnownHostsFile ${join(folder, 'known_hosts')}`,
    '  GlobalKnownHostsFile /dev/null',
    '  IdentitiesOnly yes',
    '  IdentityAgent none',
    '  StrictHostKeyChecking yes',
    '',
  ].join('\n');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await eventOf(server, 'listening');
  const address = server.address();
  await eventOf(server.close(), 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

/** Starts sshd in the foreground, so that its connections are its children; resolves when it reports that it listens. */
async function listening(config: string, port: number): Promise<{ readonly pid: number; end(): void }> {
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const child = spawn(sshdPath ?? 'sshd', ['-D', '-e', '-f', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text) => {
    said += text;
  });
  const hasStarted = () => {
    if (child.pid === undefined || child.exitCode !== null) throw new Error(`sshd does not start: ${said}`);
    return said.includes(`port ${port}`);
  };
  await until('the start of sshd', hasStarted, () => said);
  return { pid: child.pid ?? 0, end: () => void child.kill('SIGKILL') };
}

function childrenOf(pid: number): readonly number[] {
  const parentOf = (each: string) => {
    try {
      return Number(/^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${each}/stat`, 'utf8'))?.[1]);
    } catch {
      // The process has just ended.
      return undefined;
    }
  };
  return readdirSync('/proc')
    .filter((each) => /^\d+$/.test(each) && parentOf(each) === pid)
    .map(Number);
}

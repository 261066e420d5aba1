import { spawn } from 'node:child_process';
import type { SshHost } from '../../domain/process/ssh-host.ts';
import { errorCode } from '../../system/files.ts';
import type { Environment } from '../../system/surroundings.ts';
import { sanitize } from '../../text/sanitize.ts';
import { ServerFailure } from '../server/failure.ts';
import { readLines } from './line-reader.ts';

/** What ssh is started with. */
export interface SshOptions {
  readonly env: Environment;
  /** What is run there; the shell of that machine reads it. */
  readonly command: string;
}

/** Only the end of what ssh complains about is told. */
const mostComplaintChars = 4096;

/**
 * What the person's configuration is for when they sit at a terminal, as scp and sftp leave it out, too: a hidden ssh
 * would hold their forwarded ports. One that they opened themselves is shared where they share them, but ours is not:
 * their sessions would end with otop.
 */
const unattended = [
  'BatchMode=yes',
  'ConnectTimeout=20',
  'ControlMaster=no',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'PermitLocalCommand=no',
  'RemoteCommand=none',
].flatMap((option) => ['-o', option]);

/**
 * The lines that a command prints on another machine, by the person's own ssh and its configuration, until the signal
 * aborts; throws a ServerFailure that says how it ended. It can ask nobody for a password: it has no input, no terminal
 * (not even by /dev/tty: it is in a session of its own), no askpass, and is told so.
 */
export async function* sshLines(
  { name }: SshHost,
  { env, command }: SshOptions,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const child = spawn('ssh', ['-T', ...unattended, '--', name, command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, SSH_ASKPASS: undefined, SSH_ASKPASS_REQUIRE: 'never' },
    detached: true,
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-mostComplaintChars);
  });
  const ended = new Promise<number | NodeJS.ErrnoException>((resolve) => {
    child.once('error', resolve);
    child.once('close', (code) => resolve(code ?? -1));
  });
  let closed = false;
  child.once('close', () => {
    closed = true;
  });
  const end = () => {
    if (!closed && child.pid !== undefined) endGroup(child.pid);
  };
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  try {
    yield* readLines(child.stdout);
    throw sshFailure(name, await ended, complaint);
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}

/** ssh and what it started itself: a proxy command, an askpass. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch (error) {
    // It has just ended; for a process that nobody has waited for yet macOS says EPERM.
    const code = errorCode(error);
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

function sshFailure(name: string, end: number | NodeJS.ErrnoException, complaint: string): ServerFailure {
  if (typeof end !== 'number') {
    const why = end.code === 'ENOENT' ? 'there is no ssh on the PATH of this machine' : end.message;
    return new ServerFailure(why);
  }
  const last = lastLine(complaint);
  if (end === 127 && /\bnode\b/.test(complaint)) {
    return new ServerFailure(
      `its shell finds otop but no node, as where nvm brings it to terminals only: \`ssh ${name} node -v\` has to answer`,
    );
  }
  // csh says so with exit code 1.
  if (end === 127 || /^otop: command not found/im.test(complaint)) {
    return new ServerFailure(
      `otop is not on the PATH of its shell: install it there (npm install -g), so that \`ssh ${name} otop -V\` answers`,
    );
  }
  if (end !== 255) return new ServerFailure(`otop ended there with exit code ${end}${last && `: ${last}`}`);
  if (/host key verification failed/i.test(complaint)) {
    const isAnother = /IDENTIFICATION HAS CHANGED/.test(complaint);
    return new ServerFailure(
      isAnother
        ? `its host key is another than the one that ssh knows: \`ssh ${name}\` tells what that means`
        : `its host key is not known: run \`ssh ${name}\` once by hand`,
    );
  }
  const denial = linesOf(complaint).findLast((line) => /permission denied/i.test(line));
  if (denial !== undefined) {
    return new ServerFailure(
      `ssh wants a password, which otop never asks for: a key in ssh-agent lets it in (${denial})`,
    );
  }
  return new ServerFailure(
    last === '' ? `ssh ended without a word: try \`ssh ${name}\`` : `ssh: ${last.replace(/^ssh: /, '')}`,
  );
}

/** What ssh said last; where a proxy or a jump host failed, what that said, since ssh then knows nothing itself. */
function lastLine(complaint: string): string {
  const lines = linesOf(complaint);
  return lines.findLast((line) => !/ by UNKNOWN port \d+$/.test(line)) ?? lines.at(-1) ?? '';
}

function linesOf(complaint: string): readonly string[] {
  return complaint
    .split('\n')
    .map((line) => sanitize(line, 120))
    .filter((line) => line !== '');
}

import { spawn } from 'node:child_process';
import type { SshHost } from '../../domain/process/ssh-host.ts';
import { errorCode } from '../../system/files.ts';
import type { Environment } from '../../system/surroundings.ts';
import { sanitize } from '../../text/sanitize.ts';
import { ServerFailure } from '../server/failure.ts';
import { readLines } from './line-reader.ts';

/** The inputs for an ssh process. */
export interface SshOptions {
  readonly env: Environment;
  /** The command to run there; that machine's shell interprets it. */
  readonly command: string;
}

/** Only the end of ssh's stderr is kept. */
const maxStderrChars = 4096;

/**
 * Options that turn off the interactive parts of the user's configuration, as scp and sftp do; for example, this ssh
 * must not occupy the user's forwarded ports. It may use a shared connection of the user, but never becomes the
 * master of one, because the user's sessions would then end together with otop.
 */
const nonInteractiveOptions = [
  'BatchMode=yes',
  'ConnectTimeout=20',
  'ControlMaster=no',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'PermitLocalCommand=no',
  'RemoteCommand=none',
].flatMap((option) => ['-o', option]);

/**
 * Runs a command on another machine with the user's ssh and configuration, and yields its lines until the signal
 * aborts. Throws a ServerFailure with the reason when ssh ends. ssh cannot ask for a password: it has no input, no
 * terminal (not even /dev/tty, since it is in a session of its own) and no askpass.
 */
export async function* sshLines(
  { name }: SshHost,
  { env, command }: SshOptions,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const child = spawn('ssh', ['-T', ...nonInteractiveOptions, '--', name, command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, SSH_ASKPASS: undefined, SSH_ASKPASS_REQUIRE: 'never' },
    detached: true,
  });
  let stderrText = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderrText = (stderrText + text).slice(-maxStderrChars);
  });
  const ended = new Promise<number | NodeJS.ErrnoException>((resolve) => {
    child.once('error', resolve);
    child.once('close', (code) => resolve(code ?? -1));
  });
  let isClosed = false;
  child.once('close', () => {
    isClosed = true;
  });
  const end = () => {
    if (!isClosed && child.pid !== undefined) endGroup(child.pid);
  };
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  try {
    yield* readLines(child.stdout);
    throw sshFailure(name, await ended, stderrText);
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}

/** Ends ssh and the programs that it started, for example a proxy command. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch (error) {
    // The process has just ended; macOS reports EPERM for a process that has not been reaped yet.
    const code = errorCode(error);
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

function sshFailure(name: string, end: number | NodeJS.ErrnoException, stderrText: string): ServerFailure {
  if (typeof end !== 'number') {
    const why = end.code === 'ENOENT' ? 'there is no ssh on the PATH of this machine' : end.message;
    return new ServerFailure(why);
  }
  const last = lastLine(stderrText);
  if (end === 127 && /\bnode\b/.test(stderrText)) {
    return new ServerFailure(
      `its shell finds otop but no node (nvm, for example, sets it up only in terminals): \`ssh ${name} node -v\` must print a version`,
    );
  }
  // csh reports an unknown command with exit code 1.
  if (end === 127 || /^otop: command not found/im.test(stderrText)) {
    return new ServerFailure(
      `otop is not on the PATH of its shell: install it there (npm install -g), so that \`ssh ${name} otop -V\` prints a version`,
    );
  }
  if (end !== 255) return new ServerFailure(`otop ended there with exit code ${end}${last && `: ${last}`}`);
  if (/host key verification failed/i.test(stderrText)) {
    const isChanged = /IDENTIFICATION HAS CHANGED/.test(stderrText);
    return new ServerFailure(
      isChanged
        ? `its host key differs from the one that ssh knows: run \`ssh ${name}\` for the details`
        : `its host key is not known: run \`ssh ${name}\` once by hand`,
    );
  }
  const denial = linesOf(stderrText).findLast((line) => /permission denied/i.test(line));
  if (denial !== undefined) {
    return new ServerFailure(
      `ssh needs a password, and otop never asks for one: add a key to ssh-agent (${denial})`,
    );
  }
  return new ServerFailure(
    last === '' ? `ssh ended without a message: run \`ssh ${name}\`` : `ssh: ${last.replace(/^ssh: /, '')}`,
  );
}

/**
 * The last line of stderr. If a jump host failed, its own message, since ssh's last line then says nothing useful.
 */
function lastLine(stderrText: string): string {
  const lines = linesOf(stderrText);
  return lines.findLast((line) => !/ by UNKNOWN port \d+$/.test(line)) ?? lines.at(-1) ?? '';
}

function linesOf(stderrText: string): readonly string[] {
  return stderrText
    .split('\n')
    .map((line) => sanitize(line, 120))
    .filter((line) => line !== '');
}

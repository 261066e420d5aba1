import { parseArguments } from '../../domain/process/arguments.ts';
import type { ProcessKind } from '../../domain/process/process.ts';
import { type Proc, readValue } from './proc.ts';
import type { ProcStat } from './proc-stat.ts';

/** What the system says of a program that runs, before anything is known of it. */
export interface Program {
  /** The kernel's short name (15 bytes on Linux); on macOS the last part of the path. */
  readonly name: string;
  /** The executable's path, where the system tells it. */
  readonly executable?: string;
  readonly argv: readonly string[];
}

/** The binary's names: `.opencode` under the npm wrapper (1.2.27), `opencode.exe` from npm (1.18.33), the desktop app's `opencode-cli`, Nix's wrapped one. */
const opencodeName = /^\.?opencode2?(-cli|-wrapp(ed)?)?(\.exe)?$/;

/** A script named `opencode` has its interpreter as executable: the npm wrapper, a shell function's file, a user's own. */
const interpreter =
  /^(node|nodejs|bun|deno|(ba|da|z|k|fi|a)?sh|busybox|toybox|python[\d.]*|perl|ruby|env|npx|npm)$/;

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Drops what the kernel adds when a running program's file was replaced by an upgrade. */
function undeleted(path: string): string {
  return path.endsWith(' (deleted)') ? path.slice(0, -' (deleted)'.length) : path;
}

/** `npm exec` pads its arguments with empty ones. */
function withoutTrailingEmpties(words: readonly string[]): readonly string[] {
  return words.slice(0, words.findLastIndex((word) => word !== '') + 1);
}

/** `bun run --cwd packages/opencode src/index.ts …`: opencode's own repository, run from source. */
function sourceRunArguments(argv: readonly string[]): readonly string[] | undefined {
  const script = argv.findIndex((word) => /(^|\/)src\/index\.ts$/.test(word));
  const before = argv.slice(1, script);
  const isOpencode =
    argv[script]?.endsWith('/opencode/src/index.ts') || before.some((w) => /\/opencode$/.test(w));
  if (script < 1 || !isOpencode || before.includes('build') || before.includes('test')) return undefined;
  return argv.slice(script + 1);
}

/** True where the name alone makes a closer look worthwhile; everything else is passed over unread. */
export function maybeOpencode(name: string): boolean {
  // Bun names its main thread after itself in runs from source; newer runtimes call it MainThread.
  return /^\.?opencode/.test(name) || name === 'bun' || name === 'MainThread';
}

/**
 * The arguments after the program where it is opencode, else undefined. It goes by the executable, and by name
 * and argv[0] only where that cannot be read: `vim opencode`, a script named `opencode`, the node wrapper of the
 * npm package (its child `.opencode` is the one that counts) are all something else.
 */
export function opencodeArguments(program: Program): readonly string[] | undefined {
  const executable = baseName(undeleted(program.executable ?? program.argv[0] ?? ''));
  const args = withoutTrailingEmpties(program.argv.slice(1));
  if (opencodeName.test(executable)) return args;
  if (executable === 'bun') return sourceRunArguments(withoutTrailingEmpties(program.argv));
  // A link named opencode to a binary of another name: the kernel's name is the link's.
  return opencodeName.test(program.name) && executable !== '' && !interpreter.test(executable)
    ? args
    : undefined;
}

/** What does not change while a process stays the program it is. */
export interface Identity {
  readonly pid: number;
  readonly startTicks: number;
  readonly name: string;
  readonly args: readonly string[];
  readonly kind: ProcessKind;
  /** `OPENCODE_PID`: opencode puts it into the environment of what its tools start; absent where it is not set. */
  readonly toolOfPid?: number;
  readonly environmentDenied?: string;
  /** The socket in `TMUX`. */
  readonly tmuxSocket?: string;
}

/** Looks closer at a process whose name may be opencode's; undefined where it is something else, an administrative command, or gone. */
export function identify(proc: Proc, stat: ProcStat): Identity | undefined {
  const { pid, name, startTicks } = stat;
  const argv = readValue(proc.argv(pid)) ?? [];
  const executable = readValue(proc.executable(pid));
  const args = opencodeArguments({ name, argv, ...(executable === undefined ? {} : { executable }) });
  if (!args || argv.length === 0) return undefined;
  const { kind } = parseArguments(args);
  if (!kind) return undefined;
  const environment = proc.environment(pid);
  const variables = readValue(environment);
  const toolOfPid = Number.parseInt(variables?.get('OPENCODE_PID') ?? '', 10);
  const tmuxSocket = variables?.get('TMUX')?.split(',')[0];
  return {
    pid,
    startTicks,
    name,
    args,
    kind,
    ...(Number.isInteger(toolOfPid) && toolOfPid !== pid ? { toolOfPid } : {}),
    ...(environment.kind === 'denied' ? { environmentDenied: environment.code } : {}),
    ...(tmuxSocket ? { tmuxSocket } : {}),
  };
}

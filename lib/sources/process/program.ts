import { parseArguments } from '../../domain/process/arguments.ts';
import type { ProcessKind } from '../../domain/process/process.ts';
import { type Proc, readValue } from './proc.ts';
import type { ProcStat } from './proc-stat.ts';

/** A running program as the system shows it. */
export interface Program {
  /** The kernel's short name (15 bytes on Linux); on macOS the last part of the path. */
  readonly name: string;
  /** The path of the executable; absent if the system does not show it. */
  readonly executable?: string;
  readonly argv: readonly string[];
}

/**
 * The names of the binary: `.opencode` under the npm wrapper (1.2.27), `opencode.exe` from npm (1.18.33), `opencode-cli`
 * of the desktop app, the wrapped binary of Nix, and `opencode2` and `lildax` of 2 before its release (opencode-2.md,
 * "Packages and names").
 */
const opencodeName = /^(\.?opencode2?(-cli|-wrapp(ed)?)?|lildax)(\.exe)?$/;

/** The executable of a script named `opencode` is its interpreter, for example for the npm wrapper. */
const interpreter =
  /^(node|nodejs|bun|deno|(ba|da|z|k|fi|a)?sh|busybox|toybox|python[\d.]*|perl|ruby|env|npx|npm)$/;

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Removes the suffix that the kernel adds if an upgrade has replaced the file of a running program. */
function withoutDeletedSuffix(path: string): string {
  return path.endsWith(' (deleted)') ? path.slice(0, -' (deleted)'.length) : path;
}

/** Removes the empty arguments that `npm exec` adds at the end. */
function withoutTrailingEmpties(words: readonly string[]): readonly string[] {
  return words.slice(0, words.findLastIndex((word) => word !== '') + 1);
}

/** The arguments after the script, if opencode runs from source: `bun run --cwd packages/opencode src/index.ts …`. */
function argumentsFromSource(argv: readonly string[]): readonly string[] | undefined {
  const script = argv.findIndex((word) => /(^|\/)src\/index\.ts$/.test(word));
  const before = argv.slice(1, script);
  const isOpencode =
    argv[script]?.endsWith('/opencode/src/index.ts') || before.some((w) => /\/opencode$/.test(w));
  if (script < 1 || !isOpencode || before.includes('build') || before.includes('test')) return undefined;
  return argv.slice(script + 1);
}

/** True if a process with this name may be opencode; other processes are not read further. */
export function mayBeOpencode(name: string): boolean {
  // If opencode runs from source, Bun names its main thread `bun`, and newer runtimes name it `MainThread`.
  return /^(\.?opencode|lildax)/.test(name) || name === 'bun' || name === 'MainThread';
}

/**
 * The arguments after the program if it is opencode, else undefined. The name of the executable decides (of argv[0] if
 * it cannot be read). `vim opencode`, a script named `opencode` and the node wrapper of the npm package are not opencode;
 * the child `.opencode` of that wrapper is.
 */
export function opencodeArguments(program: Program): readonly string[] | undefined {
  const executable = baseName(withoutDeletedSuffix(program.executable ?? program.argv[0] ?? ''));
  const args = withoutTrailingEmpties(program.argv.slice(1));
  if (opencodeName.test(executable)) return args;
  if (executable === 'bun') return argumentsFromSource(withoutTrailingEmpties(program.argv));
  // If a link named opencode points to a binary with another name, the kernel's name is that of the link.
  return opencodeName.test(program.name) && executable !== '' && !interpreter.test(executable)
    ? args
    : undefined;
}

/** The properties of a process that stay the same until it becomes another program. */
export interface Identity {
  readonly pid: number;
  readonly startTicks: number;
  readonly name: string;
  readonly args: readonly string[];
  readonly kind: ProcessKind;
  /** `OPENCODE_PID`, which opencode sets in the environment of its tools; absent if it is not set. */
  readonly toolOfPid?: number;
  /** The error code, if the environment cannot be read. */
  readonly environmentDenied?: string;
  /** The socket in `TMUX`. */
  readonly tmuxSocket?: string;
}

/**
 * Identifies a process whose name may be that of opencode. Returns undefined for another program, an administrative
 * command (`opencode models`) and an ended process.
 */
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

import { parseArguments } from '../../domain/process/arguments.ts';
import type { ProcessKind } from '../../domain/process/process.ts';
import { type Proc, readValue } from './proc.ts';
import type { ProcStat } from './proc-stat.ts';
import { opencodeArguments } from './program.ts';

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

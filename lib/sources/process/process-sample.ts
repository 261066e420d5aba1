import type { Trouble } from '../../domain/board/board.ts';
import type { OpencodeProcess } from '../../domain/process/process.ts';

/** One opencode process as the platform shows it, before its tmux pane is known. */
export interface ProcessSample {
  readonly process: OpencodeProcess;
  /** The pids of its ancestors, nearest first, and of its session leader. They contain the first process of its pane. */
  readonly lineage: readonly number[];
  /** The socket in `TMUX` of its environment: the tmux server that it was started under. */
  readonly tmuxSocket?: string;
}

/** The result of one sample of the machine. */
export interface ProcessSamples {
  readonly samples: readonly ProcessSample[];
  readonly troubles: readonly Trouble[];
}

/** Finds opencode processes on one platform: a `ProcessSource` without tmux. */
export interface ProcessFinder {
  /** Samples with the scope of `ProcessSource.sample`. `nowMs` is the wall clock. */
  sample(scope: 'full' | 'known', nowMs: number): Promise<ProcessSamples>;
  close(): void;
}

/** The pids of the ancestors of a process, nearest first. Ends below init, at an unknown parent and after 64. */
export function ancestorsOf(pid: number, parents: (pid: number) => number | undefined): readonly number[] {
  const ancestors: number[] = [];
  let parent = parents(pid);
  while (parent !== undefined && parent > 1 && ancestors.length < 64) {
    ancestors.push(parent);
    parent = parents(parent);
  }
  return ancestors;
}

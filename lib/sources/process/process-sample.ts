import type { Trouble } from '../../domain/board/board.ts';
import type { OpencodeProcess } from '../../domain/process/process.ts';

/** One opencode process as its platform shows it, before tmux is asked about its terminal. */
export interface Sighting {
  readonly process: OpencodeProcess;
  /** Its ancestors' pids and its session leader's, nearest first: a pane's first process is among them. */
  readonly lineage: readonly number[];
  /** `TMUX` of its environment: the socket of the server it was started under. */
  readonly tmuxSocket?: string;
}

/** One look at the machine. */
export interface Sightings {
  readonly sightings: readonly Sighting[];
  readonly troubles: readonly Trouble[];
}

/** One platform's way to find opencode processes; `ProcessSource` without tmux. */
export interface ProcessFinder {
  /** `full` looks at every process of the machine, `known` at those found before. `nowMs` is the wall clock. */
  look(look: 'full' | 'known', nowMs: number): Promise<Sightings>;
  close(): void;
}

/** The ancestors of a process, nearest first, by a map of parents; ends at init, at a gap and at a loop. */
export function ancestorsOf(pid: number, parents: (pid: number) => number | undefined): readonly number[] {
  const ancestors: number[] = [];
  let parent = parents(pid);
  while (parent !== undefined && parent > 1 && ancestors.length < 64) {
    ancestors.push(parent);
    parent = parents(parent);
  }
  return ancestors;
}

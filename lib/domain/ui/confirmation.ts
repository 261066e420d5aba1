import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import type { Row } from '../board/board.ts';
import type { OpencodeProcess } from '../process/process.ts';
import { stateGroups, stateWord } from '../session/state.ts';
import type { Effect } from './action.ts';

/** Something that is done only after a person said yes to exactly this. */
export interface Confirmation {
  /** The question itself first; what matters for the answer after it. */
  readonly lines: readonly DisplayText[];
  readonly yes: Effect;
  readonly askedAtMs: number;
}

/**
 * A `y` that comes sooner was not an answer: nobody reads that fast. It belongs to a paste, or was on its way already,
 * and is passed over.
 */
const readingMs = 300;

/** What a key means while a question stands: yes, no, or nothing, as for the key held down that asked it. */
export function confirmationAnswer(
  key: string,
  confirmation: Confirmation,
  nowMs: number,
): 'yes' | 'no' | undefined {
  if (key === 'x' || key === 'F9') return undefined;
  if (key !== 'y') return 'no';
  return Math.abs(nowMs - confirmation.askedAtMs) >= readingMs ? 'yes' : undefined;
}

/** One process of all time, for `UiState.terminated`. */
function processKey({ pid, startedAtMs }: OpencodeProcess): string {
  return `${pid}:${startedAtMs}`;
}

/** Asks whether a row's process is to end: politely, and by force where that was tried before. */
export function endConfirmation(
  row: Row,
  process: OpencodeProcess,
  hosted: readonly Row[],
  { terminated }: { readonly terminated: readonly string[] },
  nowMs: number,
): Confirmation {
  const { pid, kind, tty, startedAtMs } = process;
  const signal = terminated.includes(processKey(process)) ? 'SIGKILL' : 'SIGTERM';
  const name = row.session?.title ?? process.cwdText ?? 'opencode';
  const verb = signal === 'SIGKILL' ? 'Kill' : 'End';
  const atWork = hosted.filter(({ state }) => isAtWork(state));
  const lines = [
    `${verb} '${name}'?`,
    [`pid ${pid}`, kind, tty, `by ${signal}`].filter((part) => part !== undefined).join(' '),
    ...(hosted.length > 1 ? [`it runs ${hosted.length} sessions: all of them stop`] : []),
    ...atWork.slice(0, 1).map(({ state }) => `it is at work: ${stateWord(state)}`),
  ];
  return {
    lines: lines.map((line) => sanitize(line)),
    yes: {
      type: 'end-process',
      signal,
      pid,
      key: processKey(process),
      ...(startedAtMs !== undefined && { startedAtMs }),
    },
    askedAtMs: nowMs,
  };
}

function isAtWork({ name }: Row['state']): boolean {
  return stateGroups[name] === 'working' || stateGroups[name] === 'retrying';
}

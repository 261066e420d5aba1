import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import type { Row } from '../board/board.ts';
import type { OpencodeProcess } from '../process/process.ts';
import { stateGroups, stateWord } from '../session/state.ts';
import type { Effect } from './action.ts';

/** A yes/no dialog of otop's own. Its effect runs only after the answer yes. */
export interface Confirmation {
  /** The question first, then the facts that matter for the answer. */
  readonly lines: readonly DisplayText[];
  readonly yes: Effect;
  readonly askedAtMs: number;
}

/** Ignores a `y` that comes sooner: nobody reads that fast, so it comes from a paste or was typed before the dialog. */
const minReadingMs = 300;

/**
 * Returns the answer that a key gives to the confirmation. Returns undefined for a `y` that comes too soon, and for `x`
 * and F9, which open the dialog and may still be held down.
 */
export function confirmationAnswer(
  key: string,
  confirmation: Confirmation,
  nowMs: number,
): 'yes' | 'no' | undefined {
  if (key === 'x' || key === 'F9') return undefined;
  if (key !== 'y') return 'no';
  return Math.abs(nowMs - confirmation.askedAtMs) >= minReadingMs ? 'yes' : undefined;
}

/** Identifies a process across reused pids, for `UiState.terminated`. */
function processKey({ pid, startedAtMs }: OpencodeProcess): string {
  return `${pid}:${startedAtMs}`;
}

/** Makes the confirmation to end a row's process: by SIGTERM first, by SIGKILL once SIGTERM was sent. */
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

import { reportText } from '../../lib/doctor/diagnosis.ts';
import type { Board } from '../../lib/domain/board/board.ts';
import type { StatusFormat } from '../../lib/domain/board/status-format-names.ts';
import { type WhyInput, whyProcess, whySession } from '../../lib/domain/evidence/why.ts';
import type { Session } from '../../lib/domain/session/session.ts';
import type { TodoItem } from '../../lib/domain/session/session-detail.ts';
import { initialUiState } from '../../lib/domain/ui/ui-state.ts';
import { openMetrics } from '../../lib/serve/metrics.ts';
import { boardFeed } from '../../lib/view/board-feed.ts';
import { dashboardView } from '../../lib/view/dashboard.ts';
import { frameText } from '../../lib/view/frame.ts';
import { serveDocument } from '../../lib/view/serve-json.ts';
import { sessionsJson } from '../../lib/view/sessions-json.ts';
import { waitingLines } from '../../lib/view/status-groups.ts';
import { frame } from './board.ts';
import { canary } from './hostile-texts.ts';
import { harmIn } from './terminal-bytes.ts';

/** Returns the output of each command for a Board, by the command's name. */
export async function printedOutputs(
  board: Board,
  evidence: WhyInput,
  todosOf: (session: Session) => readonly TodoItem[] | undefined,
) {
  const metrics = openMetrics({
    version: '1',
    board: () => board,
    nowMs: () => board.atMs,
    ownUse: () => ({ rssBytes: 1 }),
    cpuMicros: () => 1,
    eventClients: () => 0,
  });
  const feed = boardFeed({ host: 'desk', machineId: 'desk-id', version: '1' });
  const ui = { ...initialUiState, order: board.rows.map((row) => row.key), all: true };
  return {
    sessions: JSON.stringify(sessionsJson(board), null, 2),
    watch: JSON.stringify([...feed.next(board), feed.alive(board)]),
    serve: JSON.stringify(serveDocument(board, todosOf)),
    metrics: await metrics.text(),
    why: [
      ...evidence.processes.flatMap((one) => whyProcess(one, evidence)),
      ...[...evidence.sessions.values()].flatMap((one) => whySession(one, evidence)),
    ].join('\n'),
    report: reportText([], board, evidence, '1'),
    waiting: waitingLines(board.rows, board.atMs).join('\n'),
    once: frameText(dashboardView(board, ui, frame(80, 24, { nowMs: board.atMs }))),
    troubles: board.troubles.map(({ text }) => text).join('\n'),
  };
}

/** Returns every string in a value, with its path of keys. */
function stringsIn(value: unknown, path = ''): [path: string, text: string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => stringsIn(inner, `${path}.${key.slice(0, 40)}`));
}

/** Matches valid Pango markup: text with entities, `<b>` and `<span color='#rrggbb'>`. */
const pango =
  /^(?:[^<>&]|&(?:amp|lt|gt|quot|#39);|<b>|<\/b>|<span color='#[0-9a-f]{6}'>(?:[^<>&]|&(?:amp|lt|gt|quot|#39);)*<\/span>)*$/u;
/** Matches a separator, or text with at most one list of known parameters. */
const swiftbarLine =
  /^(?:---|(?!--)[^|]* \| (?:ansi|color|size|emojize|symbolize|refresh)=[\w#]+(?: (?:color|size|emojize|symbolize|ansi|refresh)=[\w#]+)*)$/u;

/** Returns the faults of a status line with hostile sessions: broken markup or harmful text. */
export function statusFaults(text: string, format: StatusFormat): string[] {
  // Colours in the menu bar's line are otop's own escape sequences.
  const harm = harmIn(text.replaceAll(/\x1b\[\d*m/g, '').replaceAll('\n', ' '));
  return [...(harm === undefined ? [] : [harm]), ...formFaults(text, format)];
}

function formFaults(text: string, format: StatusFormat): string[] {
  switch (format) {
    case 'plain':
    case 'tmux': {
      const rest = text.replaceAll(/#\[[a-z0-9=,]+\]|##/g, '');
      return /[\n#]/.test(rest) || text.includes(canary) ? [text] : [];
    }
    case 'json':
      return stringsIn(JSON.parse(text)).length > 2 ? [] : [text];
    case 'waybar': {
      const strings = stringsIn(JSON.parse(text));
      return strings.flatMap(([path, markup]) => (pango.test(markup) ? [] : [`${path}: ${markup}`]));
    }
    case 'swiftbar':
      return text.split('\n').filter((line) => !swiftbarLine.test(line));
  }
}

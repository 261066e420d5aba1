import type { Row } from '../domain/board/board.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import type { DetailBody, DetailContent, FrameInput, WindowView } from './frame-input.ts';
import type { Rect } from './layout.ts';
import { type Span, span, spansWidth } from './line.ts';
import { boxed, type Panel, panel, type Target } from './panel.ts';
import { factIndent, sessionFacts } from './session-facts.ts';
import { wrapLine } from './wrap-line.ts';

/** The detail log's panel, its number of visible lines, and their position. */
export interface DetailLog {
  readonly panel: Panel;
  readonly rows: number;
  readonly view: WindowView;
}

/** Size of the inside of the detail log's box, in cells and lines. */
export interface DetailSpace {
  readonly cells: number;
  readonly rows: number;
}

/** Returns the room inside a box, with one blank kept free at each side. */
export function detailSpace({ width, height }: Rect): DetailSpace {
  return { cells: Math.max(1, width - 4), rows: Math.max(0, height - 2) };
}

/** Returns the detail log of the selected row: the content read for its tab, else the facts of the Board. */
export function detailLog(row: Row | undefined, ui: UiState, rect: Rect, input: FrameInput): DetailLog {
  const space = detailSpace(rect);
  const content = row && input.detail?.key === row.key ? input.detail : undefined;
  const body = content?.body ?? { kind: 'text', lines: row ? sessionFacts(row, input) : [] };
  const view = body.kind === 'window' ? body.view : textWindow(body, ui.detailTop, space);
  const shown = view.lines.map((each) => ({ ...each, spans: [span(' '), ...each.spans] }));
  const { title, targets } = heading(row, ui, content);
  const position = positionText(body, view);
  if (position !== '') title.push(span(`  ${position}`, 'muted'));
  const open: Target[] =
    row && ui.focus === 'table'
      ? [{ top: 0, left: 0, width: rect.width, height: rect.height, action: { type: 'open' } }]
      : [];
  return {
    panel: panel('detail', rect, boxed(title, shown, rect, input), input, [...targets, ...open]),
    rows: space.rows,
    view,
  };
}

/** The visible lines of a complete text. */
function textWindow(
  body: Extract<DetailBody, { kind: 'text' }>,
  wantedTop: number | undefined,
  { cells, rows }: DetailSpace,
): WindowView {
  const lines = body.cut ? body.lines : body.lines.flatMap((each) => wrapLine(each, cells, factIndent));
  const last = Math.max(0, lines.length - rows);
  const top = Math.max(0, Math.min(last, wantedTop ?? (body.followEnd ? last : 0)));
  return { lines: lines.slice(top, top + rows), top, first: 0, last };
}

/** The visible range, such as `1-20 of 80`; empty if everything is visible. */
function positionText(body: DetailBody, { lines, top, last, messages }: WindowView): string {
  if (body.kind === 'window')
    return messages ? `${messages[0]}-${messages[1]} of ${body.messageCount} messages` : '';
  return last > 0 ? `${top + 1}-${top + lines.length} of ${last + lines.length}` : '';
}

function heading(
  row: Row | undefined,
  ui: UiState,
  content: DetailContent | undefined,
): { title: Span[]; targets: Target[] } {
  // Shortened tabs leave no room for the word "detail" and the blanks.
  const hasShortTabs = content?.tabs.some(({ name, label }) => label.length < name.length) ?? false;
  const title: Span[] = hasShortTabs ? [] : [span('detail', ui.focus === 'detail' ? 'key' : 'label')];
  const targets: Target[] = [];
  for (const { name, label, active } of content?.tabs ?? []) {
    if (!hasShortTabs) title.push(span(' '));
    const left = titleIndent + spansWidth(title);
    targets.push({ top: 0, left, width: label.length + 2, height: 1, action: { type: 'tab', to: name } });
    title.push(span(`[${label}]`, active ? 'key' : 'muted'));
  }
  if (row) title.push(span('  '), span(row.session?.title ?? row.process?.cwdText ?? row.key, 'strong'));
  return { title, targets };
}

/** Cells of the corner and the blank before a box's title. */
const titleIndent = 2;

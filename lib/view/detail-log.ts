import type { Row } from '../domain/board/board.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import type { DetailBody, DetailContent, FrameInput, WindowView } from './frame-input.ts';
import type { Rect } from './layout.ts';
import { type Span, span, spansWidth } from './line.ts';
import { boxed, type Panel, panel, type Target } from './panel.ts';
import { factIndent, sessionFacts } from './session-facts.ts';
import { wrapLine } from './wrap-line.ts';

/** The detail log's panel, and which of its lines it shows. */
export interface DetailLog {
  readonly panel: Panel;
  readonly rows: number;
  readonly view: WindowView;
}

/** Cells and lines inside the detail log's box. */
export interface DetailSpace {
  readonly cells: number;
  readonly rows: number;
}

/** The room inside a box of this place, a blank kept free at each side. */
export function detailSpace({ width, height }: Rect): DetailSpace {
  return { cells: Math.max(1, width - 4), rows: Math.max(0, height - 2) };
}

/** The detail log of the selected row: what was read for its tab, else what the Board knows of it. */
export function detailLog(row: Row | undefined, ui: UiState, rect: Rect, input: FrameInput): DetailLog {
  const space = detailSpace(rect);
  const content = row && input.detail?.key === row.key ? input.detail : undefined;
  const body = content?.body ?? { kind: 'text', lines: row ? sessionFacts(row, input) : [] };
  const view = body.kind === 'window' ? body.view : textWindow(body, ui.detailTop, space);
  const shown = view.lines.map((each) => ({ ...each, spans: [span(' '), ...each.spans] }));
  const { title, targets } = heading(row, ui, content);
  const place = placeText(body, view);
  if (place !== '') title.push(span(`  ${place}`, 'muted'));
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

/** The lines in sight of a text that is there as a whole. */
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

/** Where in the whole one is, where not all of it is in sight. */
function placeText(body: DetailBody, { lines, top, last, messages }: WindowView): string {
  if (body.kind === 'window')
    return messages ? `${messages[0]}-${messages[1]} of ${body.messageCount} messages` : '';
  return last > 0 ? `${top + 1}-${top + lines.length} of ${last + lines.length}` : '';
}

function heading(
  row: Row | undefined,
  ui: UiState,
  content: DetailContent | undefined,
): { title: Span[]; targets: Target[] } {
  // Where the tabs had to be shortened there is room for nothing else.
  const isTight = content?.tabs.some(({ name, label }) => label.length < name.length) ?? false;
  const title: Span[] = isTight ? [] : [span('detail', ui.focus === 'detail' ? 'key' : 'label')];
  const targets: Target[] = [];
  for (const { name, label, active } of content?.tabs ?? []) {
    if (!isTight) title.push(span(' '));
    const left = titleIndent + spansWidth(title);
    targets.push({ top: 0, left, width: label.length + 2, height: 1, action: { type: 'tab', to: name } });
    title.push(span(`[${label}]`, active ? 'key' : 'muted'));
  }
  if (row) title.push(span('  '), span(row.session?.title ?? row.process?.cwdText ?? row.key, 'strong'));
  return { title, targets };
}

/** The corner and the blank before a box's title. */
const titleIndent = 2;

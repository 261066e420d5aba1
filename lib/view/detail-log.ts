import type { Row } from '../domain/board.ts';
import type { UiState } from '../domain/ui-state.ts';
import type { DisplayText } from '../text/sanitize.ts';
import { wrap } from '../text/wrap.ts';
import type { FrameContext } from './frame-context.ts';
import type { Rect } from './layout.ts';
import { type Line, lineText, type Span, span, spansWidth } from './line.ts';
import { boxed, type Panel, panel, type Target } from './panel.ts';
import { factIndent, sessionFacts } from './session-facts.ts';

/** The detail log's panel, and which of its lines it shows. */
export interface DetailLog {
  readonly panel: Panel;
  readonly top: number;
  readonly rows: number;
  readonly lines: number;
}

/** The detail log of the selected row: its history where one was read, else what the Board knows of it. */
export function detailLog(row: Row | undefined, ui: UiState, rect: Rect, context: FrameContext): DetailLog {
  const inside = Math.max(1, rect.width - 4);
  const rows = Math.max(0, rect.height - 2);
  const content = row && context.detail?.key === row.key ? context.detail : undefined;
  const source = content?.lines ?? (row ? sessionFacts(row, context) : []);
  const lines = source.flatMap((each) => wrapLine(each, inside));
  const last = Math.max(0, lines.length - rows);
  const top = Math.max(0, Math.min(last, ui.detailTop ?? (content?.followEnd ? last : 0)));
  const shown = lines.slice(top, top + rows).map((each) => ({ ...each, spans: [span(' '), ...each.spans] }));
  const title: Span[] = [span('detail', ui.focus === 'detail' ? 'key' : 'label')];
  if (row) title.push(span('  '), span(row.session?.title ?? row.process?.cwdText ?? row.key, 'strong'));
  const tabs: Target[] = [];
  for (const { name, label, active } of content?.tabs ?? []) {
    title.push(span('  '));
    const left = titleIndent + spansWidth(title);
    tabs.push({ top: 0, left, width: label.length + 2, height: 1, action: { type: 'tab', to: name } });
    title.push(span(`[${label}]`, active ? 'key' : 'muted'));
  }
  if (last > 0) title.push(span(`  ${top + 1}-${top + shown.length} of ${lines.length}`, 'muted'));
  const open: Target[] =
    row && ui.focus === 'table'
      ? [{ top: 0, left: 0, width: rect.width, height: rect.height, action: { type: 'open' } }]
      : [];
  return {
    panel: panel('detail', rect, boxed(title, shown, rect, context), context, [...tabs, ...open]),
    top,
    rows,
    lines: lines.length,
  };
}

/** The corner and the blank before a box's title. */
const titleIndent = 2;

/** A line over several, where it is too long: its last piece is wrapped beneath itself, the ones before stay in front. */
function wrapLine(of: Line, cells: number): Line[] {
  if (spansWidth(of.spans) <= cells) return [of];
  const last = of.spans.at(-1);
  if (!last) return [of];
  const lead = of.spans.slice(0, -1);
  const leadCells = spansWidth(lead);
  if (leadCells > cells / 2) {
    return wrap(lineText(of) as DisplayText, cells, factIndent).map((text) => ({
      spans: [span(text, last.style)],
    }));
  }
  const pieces = wrap(last.text as DisplayText, cells - leadCells);
  return pieces.map((text, index) => ({
    spans: [...(index === 0 ? lead : [span(' '.repeat(leadCells))]), { text, style: last.style }],
  }));
}

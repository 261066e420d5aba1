import type { Menu, MenuItem } from '../domain/ui/action.ts';
import type { Confirmation } from '../domain/ui/confirmation.ts';
import { fitCells, textWidth } from '../text/width.ts';
import { wrap } from '../text/wrap.ts';
import type { FrameInput } from './frame-input.ts';
import type { Glyphs } from './glyphs.ts';
import type { Rect } from './layout.ts';
import { type Line, type Span, span, spansWidth } from './line.ts';
import { boxed, type Panel, panel, type Target } from './panel.ts';
import type { StyleName } from './theme.ts';

/** Cells of the indicator and the blank after it. */
const indicatorCells = 4;
const longestLabel = 24;
/** Maximum share of the screen, so that the effect of a setting is visible behind its menu. */
const maxShare = 0.55;
const minRoom = 10;

/**
 * Returns a menu as a box above the key bar. Too many items scroll with the cursor. The box takes the full width: a
 * narrower one could cut a wide character of the panel beneath in half.
 */
export function overlayMenu(menu: Menu, input: FrameInput): Panel {
  const { cols, rows, glyphs } = input;
  const text = (menu.text ?? []).flatMap((line) => wrap(line, Math.max(1, cols - 4)));
  const room = Math.max(Math.min(rows - 2, minRoom), Math.floor(rows * maxShare));
  const shownText = text.slice(0, Math.max(0, room - 3));
  const height = Math.min(room, shownText.length + menu.items.length + 2);
  const rect: Rect = { top: rows - 1 - height, left: 0, width: cols, height };
  const visible = Math.max(0, height - 2 - shownText.length);
  const top = Math.max(0, Math.min(menu.selected - Math.floor(visible / 2), menu.items.length - visible));
  const items = menu.items.slice(top, top + visible);
  const lines: Line[] = [
    ...shownText.map((line) => ({ spans: [span(` ${line}`, 'strong')] })),
    ...items.map((item, index) => itemLine(item, menu, top + index === menu.selected, glyphs)),
  ];
  const targets: Target[] = items.map((_item, index) => ({
    top: 1 + shownText.length + index,
    left: 0,
    width: cols,
    height: 1,
    action: { type: 'menu-choose', index: top + index },
  }));
  const title: Span[] = [span(menu.title, 'key')];
  if (menu.items.length > visible)
    title.push(span(`  ${menu.selected + 1} of ${menu.items.length}`, 'muted'));
  return panel('menu', rect, boxed(title, lines, rect, input), input, targets);
}

function itemLine(item: MenuItem, menu: Menu, selected: boolean, glyphs: Glyphs): Line {
  const labels = menu.items.map(({ label }) => textWidth(label));
  const hasKeys = menu.items.some(({ key }) => key !== undefined);
  const hasIndicators = menu.items.some(({ indicator }) => indicator !== undefined);
  const spans: Span[] = [span(selected ? glyphs.cursor : ' ', 'brand')];
  if (hasIndicators) spans.push(span(fitCells(indicatorText(item, glyphs), indicatorCells), 'strong'));
  if (hasKeys) spans.push(span(` ${(item.key ?? '').padEnd(2)}`, 'key'));
  const cells = Math.min(longestLabel, Math.max(...labels));
  const label = item.detail === undefined ? item.label : fitCells(item.label, cells, 'left', glyphs.ellipsis);
  spans.push(span(` ${label}`, item.action ? (selected ? 'strong' : 'plain') : 'muted'));
  if (item.detail !== undefined) spans.push(span(`  ${item.detail}`, 'muted'));
  return { spans, ...(selected && { background: 'selected' as const }) };
}

function indicatorText({ indicator }: MenuItem, glyphs: Glyphs): string {
  switch (indicator) {
    case undefined:
      return '';
    case 'on':
      return `[${glyphs.done}]`;
    case 'off':
      return '[ ]';
    case 'chosen':
      return ` ${glyphs.unread}`;
    case 'ascending':
    case 'descending':
      return ` ${glyphs[indicator]}`;
    default:
      return indicator satisfies never;
  }
}

/** The two answers, each a key and a button. */
const answers = [
  { key: 'y', label: 'yes' },
  { key: 'n', label: 'no, as any other key' },
] as const;

function textLine(text: string, style: StyleName): Line {
  return { spans: [span(' '), span(text, style)] };
}

/** Returns the panel of a confirmation over the lower part of the screen. Its answers are always visible. */
export function confirmationPanel(confirmation: Confirmation, input: FrameInput): Panel {
  const { cols, rows } = input;
  const inside = Math.max(1, cols - 4);
  const maxLines = Math.max(1, rows - 4);
  const [asked = [], ...details] = confirmation.lines.map((text) => wrap(text, inside));
  const shown: readonly Line[] = [
    ...asked.slice(0, Math.max(1, maxLines - details.length)).map((text) => textLine(text, 'strong')),
    ...details.flat().map((text) => textLine(text, 'plain')),
  ].slice(0, maxLines);
  const height = shown.length + 3;
  // Takes the full width: a narrower box could cut a wide character of the panel beneath in half.
  const rect: Rect = { top: Math.max(0, rows - 1 - height), left: 0, width: cols, height };
  const buttons: Span[] = [];
  const targets: Target[] = [];
  for (const { key, label } of answers) {
    const left = 2 + spansWidth(buttons);
    buttons.push(span(`[${key}]`, 'key'), span(` ${label}  `));
    targets.push({
      top: shown.length + 1,
      left,
      width: 2 + spansWidth(buttons) - left,
      height: 1,
      action: { type: 'confirm-key', key },
    });
  }
  const lines = [...shown, { spans: [span(' '), ...buttons] }];
  return panel('overlay', rect, boxed([span('?', 'asking')], lines, rect, input), input, targets);
}

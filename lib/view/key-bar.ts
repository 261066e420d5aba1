import type { Board } from '../domain/board/board.ts';
import { disabledReason } from '../domain/ui/key-action.ts';
import { type KeyHint, menuHints } from '../domain/ui/menu.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import { byteSize, percent } from '../text/format.ts';
import { sanitize } from '../text/sanitize.ts';
import { textWidth } from '../text/width.ts';
import type { FrameInput, OwnUse } from './frame-input.ts';
import type { Rect } from './layout.ts';
import { type Span, span, spansWidth, spread } from './line.ts';
import { type Panel, panel, type Target } from './panel.ts';

/** Returns the key bar: the clickable keys of the keymap, and otop's own resource use. */
export function keyBar(board: Board, ui: UiState, rect: Rect, input: FrameInput): Panel {
  const own = ownUse(input.self, rect.width);
  return hintBar(barKeys(board, ui), rect.width >= 60 ? own : [], rect, input);
}

/** Returns the bottom line: as many keys as fit beside the text at the right end. */
export function hintBar(
  hints: readonly KeyHint[],
  right: readonly Span[],
  rect: Rect,
  input: FrameInput,
): Panel {
  const room = rect.width - spansWidth(right) - 1;
  const spans: Span[] = [];
  const targets: Target[] = [];
  let used = 0;
  for (const { key, label, action, reason } of hints) {
    const width = 2 + textWidth(`${key} ${label}`);
    if (used + width > room) break;
    spans.push(span(` ${key}`, action ? 'key' : 'muted'), span(` ${label} `, action ? 'plain' : 'muted'));
    const clickAction =
      action ?? (reason === undefined ? undefined : ({ type: 'notice', text: reason } as const));
    if (clickAction) targets.push({ top: 0, left: used, width, height: 1, action: clickAction });
    used += width;
  }
  return panel('keys', rect, [spread(spans, right, rect.width, input.glyphs.ellipsis)], input, targets);
}

const confirmationHints: readonly KeyHint[] = [
  { key: 'y', label: 'yes', action: { type: 'confirm-key', key: 'y' } },
  { key: 'n', label: 'no', action: { type: 'confirm-key', key: 'n' } },
];

/** The keys of the open layer, or of the table if nothing covers it. A click on a disabled key shows its reason. */
function barKeys(board: Board, ui: UiState): readonly KeyHint[] {
  if (ui.menu) return menuHints(ui.menu);
  if (ui.confirmation) return confirmationHints;
  const isTableCovered = ui.focus === 'detail' || ui.overlay !== undefined;
  return ui.keymap
    .filter(({ overOverlay }) => !ui.overlay || overOverlay)
    .flatMap((binding) => {
      const own = isTableCovered ? binding.inFront : binding;
      return own?.bar === undefined ? [] : [{ binding, label: binding.label, ...own, bar: own.bar }];
    })
    .sort((a, b) => a.bar - b.bar)
    .flatMap(({ binding, label }): KeyHint[] => {
      const [key] = binding.keys;
      if (key === undefined) return [];
      const reason = disabledReason(binding, ui, board);
      if (reason !== undefined) return [{ key, label, reason: sanitize(reason) }];
      return [{ key, label, action: binding.action(key, ui) }];
    });
}

function ownUse(self: OwnUse | undefined, cols: number): Span[] {
  if (!self) return [];
  const parts = [
    self.cpuPercent === undefined ? undefined : percent(self.cpuPercent),
    self.rssBytes === undefined ? undefined : byteSize(self.rssBytes),
    self.frameMs === undefined || cols < 100
      ? undefined
      : `${self.frameMs < 10 ? self.frameMs.toFixed(1) : Math.round(self.frameMs)}ms`,
  ].filter((part) => part !== undefined);
  return parts.length > 0 ? [span(`otop ${parts.join(' ')} `, 'muted')] : [];
}

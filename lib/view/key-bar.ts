import type { Board } from '../domain/board.ts';
import { keymap } from '../domain/keymap.ts';
import type { UiState } from '../domain/ui-state.ts';
import { byteSize, percent } from '../text/format.ts';
import { textWidth } from '../text/width.ts';
import type { FrameContext, OwnUse } from './frame-context.ts';
import type { Rect } from './layout.ts';
import { type Span, span, spansWidth, spread } from './line.ts';
import { type Panel, panel, type Target } from './panel.ts';

/** The keys that work now, made from the keymap and clickable, and what otop itself uses. */
export function keyBar(board: Board, ui: UiState, rect: Rect, context: FrameContext): Panel {
  const own = ownUse(context.self, rect.width);
  const right = rect.width >= 60 ? own : [];
  const room = rect.width - spansWidth(right) - 1;
  const spans: Span[] = [];
  const targets: Target[] = [];
  let used = 0;
  const shown = keymap
    .filter((binding) => binding.bar !== undefined)
    .sort((a, b) => (a.bar ?? 0) - (b.bar ?? 0));
  for (const binding of shown) {
    const key = binding.keys[0];
    if (key === undefined) continue;
    const enabled = (binding.enabled?.(ui, board) ?? true) === true;
    const width = 2 + textWidth(`${key} ${binding.label}`);
    if (used + width > room) break;
    spans.push(
      span(` ${key}`, enabled ? 'key' : 'muted'),
      span(` ${binding.label} `, enabled ? 'plain' : 'muted'),
    );
    if (enabled) targets.push({ top: 0, left: used, width, height: 1, action: binding.action(key, ui) });
    used += width;
  }
  return panel('keys', rect, [spread(spans, right, rect.width, context.glyphs.ellipsis)], context, targets);
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

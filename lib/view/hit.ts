import type { Action } from '../domain/ui/action.ts';
import type { DashboardView } from './dashboard.ts';
import type { Panel } from './panel.ts';

/** A mouse event. `x` and `y` are cells from the upper left corner of the screen. */
export interface MouseInput {
  readonly kind: 'click' | 'wheel-up' | 'wheel-down';
  readonly x: number;
  readonly y: number;
}

/**
 * Returns the action of a click or a wheel event, or undefined if it has none. A click outside of an open menu or overlay
 * closes it.
 */
export function mouseAction(view: DashboardView, input: MouseInput): Action | undefined {
  const hit = [...view.panels].reverse().find((each) => contains(each.rect, input.x, input.y));
  if (!hit) return undefined;
  const isMenuOpen = view.panels.some(({ name }) => name === 'menu');
  // A click outside of a menu chooses nothing and closes it.
  if (isMenuOpen && hit.name !== 'menu' && hit.name !== 'keys')
    return input.kind === 'click' ? { type: 'menu-close' } : undefined;
  const isOutside = hit.name !== 'overlay' && hit.name !== 'keys';
  if (!isMenuOpen && isOutside && view.panels.some(({ name }) => name === 'overlay'))
    return input.kind === 'click' ? { type: 'back' } : undefined;
  if (input.kind === 'click') {
    const { rect, targets } = hit;
    return targets.find((target) => contains(target, input.x - rect.left, input.y - rect.top))?.action;
  }
  if (hit.name === 'menu') return { type: 'menu-move', by: input.kind === 'wheel-up' ? -1 : 1 };
  const scrolled = wheelPanel(hit);
  return scrolled && { type: 'wheel', panel: scrolled, by: input.kind === 'wheel-up' ? -1 : 1 };
}

function wheelPanel({ name }: Panel): 'table' | 'detail' | 'overlay' | undefined {
  return name === 'table' || name === 'detail' || name === 'overlay' ? name : undefined;
}

function contains(
  rect: { top: number; left: number; width: number; height: number },
  x: number,
  y: number,
): boolean {
  return x >= rect.left && x < rect.left + rect.width && y >= rect.top && y < rect.top + rect.height;
}

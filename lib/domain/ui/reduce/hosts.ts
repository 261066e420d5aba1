import { type DisplayText, sanitize } from '../../../text/sanitize.ts';
import type { HostStatus } from '../../board/board.ts';
import { type Section, sectionsOf } from '../../board/sections.ts';
import type { Menu, MenuItem } from '../action.ts';
import type { UiState } from '../ui-state.ts';
import { rearrange, select } from './selection.ts';
import { noEffects, noticed, type ReduceInput, type Reducers, without } from './step.ts';

/** Reducers that show one host or all, and fold a host's rows. */
export const hostReducers: Reducers<'host-menu' | 'pick-host' | 'fold-host'> = {
  'host-menu': (state, _action, input) => noEffects(openMenu(state, input)),
  'pick-host': (state, { heading }, input) => {
    const open = heading === undefined ? state.foldedHosts : unfolded(state, heading);
    const all = { ...without(state, 'onlyHost'), foldedHosts: open };
    return noEffects(rearrange(heading === undefined ? all : { ...all, onlyHost: heading }, input));
  },
  'fold-host': (state, { heading, away }, input) => {
    const isAway = away ?? !state.foldedHosts.includes(heading);
    const others = unfolded(state, heading);
    const next = rearrange({ ...state, foldedHosts: isAway ? [...others, heading] : others }, input);
    return noEffects(isAway ? select(next, heading, input.nowMs) : next);
  },
};

function unfolded({ foldedHosts }: UiState, heading: string): readonly string[] {
  return foldedHosts.filter((key) => key !== heading);
}

function openMenu(state: UiState, { shown, nowMs }: ReduceInput): UiState {
  const sections = sectionsOf(shown.rows, shown);
  if (sections.length === 0)
    return noticed(state, sanitize('only this machine is shown: --host and --otop add others'), nowMs);
  const all: MenuItem = {
    label: sanitize('all hosts'),
    action: { type: 'pick-host' },
    ...(state.onlyHost === undefined && { indicator: 'chosen' }),
  };
  const items = [all, ...sections.map((section) => hostItem(section, state))];
  const selected = Math.max(0, sections.findIndex(({ key }) => key === state.onlyHost) + 1);
  const menu: Menu = { title: sanitize('show one host'), items, selected };
  return { ...state, menu };
}

function hostItem({ key, name, status, rows }: Section, { onlyHost }: UiState): MenuItem {
  const waiting = rows.filter(({ state }) => state.needsYou).length;
  const parts = [
    status === undefined ? 'this machine' : linkWords(status),
    rows.length === 1 ? '1 session' : `${rows.length} sessions`,
    ...(waiting > 0 ? [waiting === 1 ? '1 needs you' : `${waiting} need you`] : []),
  ];
  return {
    label: name ?? sanitize('this machine'),
    detail: sanitize(parts.join(', ')),
    action: { type: 'pick-host', heading: key },
    ...(key === onlyHost && { indicator: 'chosen' }),
  };
}

/** The kind of a host's connection, and its state unless it is live: `ssh`, `otop, away`. */
function linkWords({ kind, link }: HostStatus): DisplayText {
  return sanitize(link === 'live' ? kind : `${kind}, ${link}`);
}

import { sanitize } from '../../../text/sanitize.ts';
import { type Settings, type SomeSettings, settled } from '../../schema/configuration.ts';
import type { SetupPlace } from '../action.ts';
import { setupMenu } from '../setup-menu.ts';
import type { UiState } from '../ui-state.ts';
import { rearrange } from './selection.ts';
import { noEffects, noticed, type ReduceInput, type Reducers, type Step, without } from './step.ts';

/** Reducers of the setup menu (F2). A change applies at once, and is saved when the menu is closed. */
export const setupReducers: Reducers<'setup' | 'setup-page' | 'set' | 'setup-done' | 'setup-undo'> = {
  setup: (state) => noEffects(openSetup(state, { page: 'main', selected: 0 })),
  'setup-page': (state, { place }) => noEffects(openSetup(state, place)),
  set: (state, { patch, place }, input) => {
    const changed = withSettings(state, settled(patch, current(state)), input);
    const shown = { ...changed.state, menu: setupMenu(changed.state.settings, place) };
    return { ...changed, state: shown };
  },
  'setup-done': (state) => done(state),
  'setup-undo': (state, _action, input) => {
    if (!state.setup) return noEffects(state);
    const before = withSettings(without(state, 'setup'), state.setup, input);
    const words = sanitize('all settings are as before F2');
    return { ...before, state: noticed(before.state, words, input.nowMs) };
  },
};

/** The settings with the changes that keys made since. */
function current({ settings, sort, rowLines, mouse }: UiState): Settings {
  return { ...settings, sort, mouse, layout: { ...settings.layout, rows: rowLines } };
}

function openSetup(state: UiState, place: SetupPlace): UiState {
  const settings = current(state);
  return { ...state, settings, setup: state.setup ?? settings, menu: setupMenu(settings, place) };
}

function withSettings(state: UiState, settings: Settings, input: ReduceInput): Step {
  const { sort, layout, mouse } = settings;
  const next = rearrange({ ...state, settings, sort, rowLines: layout.rows, mouse }, input);
  return { state: next, effects: mouse === state.mouse ? [] : [{ type: 'mouse', on: mouse }] };
}

function done(state: UiState): Step {
  if (!state.setup) return noEffects(state);
  const changes = changesBetween(state.setup, current(state));
  const effects = Object.keys(changes).length > 0 ? [{ type: 'save-settings', changes } as const] : [];
  return { state: without(state, 'setup'), effects };
}

/** The settings that differ; of the layout, only the fields that differ. */
function changesBetween(before: Settings, after: Settings): SomeSettings {
  const changes = differing(before, after);
  return changes.layout ? { ...changes, layout: differing(before.layout, after.layout) } : changes;
}

function differing<T extends object>(before: T, after: T): Partial<T> {
  const old = new Map<string, unknown>(Object.entries(before));
  const changed = Object.entries(after).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(old.get(key)),
  );
  return Object.fromEntries(changed) as Partial<T>;
}

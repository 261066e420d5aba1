import type { Static, TObject, TSchema } from '@sinclair/typebox';
import { sshHostPattern } from '../process/ssh-host.ts';
import { columnIds, findColumn } from '../table/columns.ts';
import { keyNames, keyPattern } from '../ui/remap.ts';
import { choice, figure, list, mapOf, object, optional, orNull, text, yesNo } from './field-types.ts';

// The configuration file and the view that otop remembers. F2, `otop config` and the reference are made from these types.
// Decoding: `config/config-text.ts` and `config/read-settings.ts`.

/** The purpose of each theme, by its name in `--theme` and in the configuration. The default comes first. */
const themeHelp = {
  default: 'for dark terminals',
  light: 'for light terminals',
  mono: 'no colours at all: bold, underline and inverse',
  'high-contrast': 'for dark terminals, strong colours on black',
  colorblind: 'for dark terminals; nothing depends on telling red from green',
} as const;

/** A theme's name. */
export type ThemeName = keyof typeof themeHelp;

/** The names of all themes, the default first. */
export const themeNames = Object.keys(themeHelp) as readonly ThemeName[];

/** All themes with their purposes, for F2. */
export const themes: readonly { readonly name: ThemeName; readonly help: string }[] = themeNames.map(
  (name) => ({ name, help: themeHelp[name] }),
);

/** A type whose fields and items are readonly, at any depth. */
type Frozen<T> = T extends readonly (infer E)[]
  ? readonly Frozen<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;

const closed = { additionalProperties: false };

/** A field of the configuration with its default. */
function setting<S extends TSchema>(type: S, fallback: NoInfer<Frozen<Static<S>>>, help: string) {
  return { ...optional(type), description: help, default: fallback };
}

/** The defaults of all settings of an object. */
function fallbacksOf<T extends Readonly<Record<string, { readonly default: unknown }>>>(types: T) {
  const entries = Object.entries(types).map(([key, type]) => [key, type.default]);
  return Object.fromEntries(entries) as { readonly [K in keyof T]: T[K]['default'] };
}

const serverUrls = (what: string) =>
  list(
    text(undefined, {
      pattern: '^https?://[^\\s/?#@]+(/[^\\s?#]*)?$',
      patternErrorMessage: `must be the URL of ${what}, http://HOST:PORT, without a password`,
    }),
    { uniqueItems: true },
  );

const sshHosts = list(
  text(undefined, { pattern: sshHostPattern, patternErrorMessage: 'must be the name of a machine for ssh' }),
  { uniqueItems: true },
);

const keys = mapOf(
  text(undefined, {
    pattern: keyPattern,
    patternErrorMessage: 'must be a key, written j, G, C-l, F5, Space, PgUp (and C-c always quits)',
  }),
  orNull(choice(keyNames)),
);

const rowLines = choice(['auto', 'one', 'two']);

/** The parts of the screen. */
const layoutTypes = {
  rows: setting(rowLines, 'auto', 'lines per session: by the width of the terminal, one, or two'),
  gauges: setting(yesNo(), true, 'the token and context gauges, if there is room'),
  detail: setting(yesNo(), true, 'the detail log below the table, if there is room'),
  tablePercent: setting(
    figure(undefined, { minimum: 20, maximum: 90 }),
    62,
    'the most that the table takes of the room below the gauges if the detail log is below it',
  ),
};

const sortTypes = {
  column: setting(choice(columnIds), 'status', 'the column'),
  descending: setting(yesNo(), false, 'largest or last first'),
};

/** Every setting, by its name in the configuration. */
export const settingTypes = {
  columns: setting(
    list(choice(columnIds), { uniqueItems: true }),
    columnIds,
    'the shown columns, in this order; a narrow terminal has room for fewer',
  ),
  sort: setting(
    object(sortTypes, closed),
    fallbacksOf(sortTypes),
    'the column that sorts the table; without `descending`, in the direction that suits the column',
  ),
  theme: setting(choice(themeNames), 'default', 'the colours'),
  layout: setting(object(layoutTypes, closed), fallbacksOf(layoutTypes), 'the parts of the screen'),
  delay: setting(
    figure(undefined, { minimum: 0.2, maximum: 60 }),
    1,
    'time between two looks, in seconds; three times as long while nothing happens',
  ),
  mouse: setting(yesNo(), true, 'clicks and the wheel; false leaves the mouse to the terminal'),
  ascii: setting(yesNo(), false, 'only ASCII characters in frames and signs'),
  ticker: setting(yesNo(), false, 'long titles and last outputs scroll; `T` switches it for now'),
  readOnly: setting(yesNo(), false, 'no key acts on a session or a process'),
  servers: setting(
    serverUrls('a server'),
    [],
    'opencode servers whose sessions otop also shows; `--server` replaces them',
  ),
  hosts: setting(sshHosts, [], 'other machines with otop, reached by ssh; `--host` replaces them'),
  otops: setting(
    serverUrls('an `otop serve`'),
    [],
    'URLs of `otop serve` on other machines; `--otop` replaces them',
  ),
  keys: setting(
    keys,
    {},
    'your own keys: a key and the name of its action, or null for none, as in `{"K": "page up", "x": null}`',
  ),
};

/** The configuration without its `$schema`, which is for editors. */
export const configurationSchema = object(settingTypes, closed);

/** The part of the settings that keys switch, as it is remembered. */
const view = object({
  sort: object({ column: choice(columnIds), descending: yesNo() }, closed),
  rows: rowLines,
});

/** `view.json`: the last view of the screen, and its configuration at that time. */
export const viewMemorySchema = object({ seen: view, base: view });

/** The values of some settings, from one place: the command line, the configuration, a remembered view. */
export type SomeSettings = Frozen<Static<TObject<typeof settingTypes>>>;

/** The values of all settings. */
export type Settings = {
  readonly [K in keyof SomeSettings]-?: K extends 'sort' | 'layout'
    ? Required<NonNullable<SomeSettings[K]>>
    : NonNullable<SomeSettings[K]>;
};

export type RememberedView = Frozen<Static<typeof view>>;
export type ViewMemoryFile = Frozen<Static<typeof viewMemorySchema>>;

const defaultSettings: Settings = fallbacksOf(settingTypes);

/** Merges the settings of several places. The first place that has a setting wins. */
export function settled(...places: readonly SomeSettings[]): Settings {
  const last = places.toReversed();
  return {
    ...Object.assign({ ...defaultSettings }, ...last),
    sort: Object.assign({ ...defaultSettings.sort }, ...last.map(({ sort }) => sort && directed(sort))),
    layout: Object.assign({ ...defaultSettings.layout }, ...last.map(({ layout }) => layout)),
  };
}

/** Adds the column's default direction, as a click on its header does. */
function directed(sort: Partial<Settings['sort']>): Partial<Settings['sort']> {
  const column = sort.column === undefined ? undefined : findColumn(sort.column);
  return column ? { descending: column.descending, ...sort } : sort;
}

import { sshHostPattern } from '../../process/ssh-host.ts';
import { columnIds, findColumn } from '../../table/columns.ts';
import { keyNames, keyPattern } from '../remap.ts';
import {
  choice,
  fallbacksOf,
  listOf,
  mapOf,
  numberFrom,
  objectOf,
  objectSchema,
  orNull,
  type SchemaNode,
  setting,
  textLike,
  type ValuesOf,
  yesNo,
} from './shape.ts';
import { themeNames } from './themes.ts';

const serverUrlPattern = '^https?://[^\\s/?#@]+(/[^\\s?#]*)?$';

/** How the screen is divided. */
const layoutTable = {
  rows: setting(
    choice(['auto', 'one', 'two']),
    'auto',
    'lines a session: by the width of the terminal, one, or two',
  ),
  gauges: setting(yesNo, true, 'the token and context gauges, where there is room'),
  detail: setting(yesNo, true, 'the detail log beneath the table, where there is room'),
  tablePercent: setting(
    numberFrom(20, 90),
    62,
    'how much of the room below the gauges the table takes at the most, when the detail log is beneath it',
  ),
};

const sortTable = {
  column: setting(choice(columnIds), 'status', 'the column'),
  descending: setting(yesNo, false, 'largest or last first'),
};

/** Every setting: the configuration file, its schema, F2, `otop config` and the README are made from this. */
export const settingTable = {
  columns: setting(
    listOf(choice(columnIds), { distinct: true }),
    columnIds,
    'the columns that are shown, in their order; the narrower the terminal, the fewer of them have room',
  ),
  sort: setting(
    objectOf(sortTable),
    fallbacksOf(sortTable),
    'what the table is sorted by; in the direction that suits the column, unless `descending` says another',
  ),
  theme: setting(choice(themeNames), 'default', 'the colours'),
  layout: setting(objectOf(layoutTable), fallbacksOf(layoutTable), 'how the screen is divided'),
  delay: setting(
    numberFrom(0.2, 60),
    1,
    'time between two looks, in seconds; twice that where nothing happens',
  ),
  mouse: setting(yesNo, true, 'clicks and the wheel; false leaves the mouse to the terminal'),
  ascii: setting(yesNo, false, 'only ASCII characters in frames and signs'),
  ticker: setting(yesNo, false, 'titles and last outputs that do not fit scroll; T for now'),
  readOnly: setting(yesNo, false, 'no key acts on a session or a process'),
  servers: setting(
    listOf(textLike(serverUrlPattern, 'the URL of a server, http://HOST:PORT, without a password'), {
      distinct: true,
    }),
    [],
    'opencode servers whose sessions are shown, too, as with `--server`, which counts instead where it is given',
  ),
  hosts: setting(
    listOf(textLike(sshHostPattern, 'the name of a machine for ssh'), { distinct: true }),
    [],
    'other machines that ssh reaches and that have otop, as with `--host`, which counts instead where it is given',
  ),
  otops: setting(
    listOf(textLike(serverUrlPattern, 'the URL of an `otop serve`, http://HOST:PORT, without a password'), {
      distinct: true,
    }),
    [],
    'other machines whose `otop serve` is reached, as with `--otop`, which counts instead where it is given',
  ),
  keys: setting(
    mapOf(
      orNull(choice(keyNames)),
      textLike(keyPattern, 'a key, written j, G, C-l, F5, Space, PgUp (and C-c always quits)'),
    ),
    {},
    'keys of your own: a key and the name of what it does, or null for nothing, as in `{"K": "page up", "x": null}`',
  ),
};

/** Values of some settings, as one place says them. */
export type SomeSettings = Partial<ValuesOf<typeof settingTable>>;

/** Values of all settings. */
export interface Settings extends Required<Omit<SomeSettings, 'sort' | 'layout'>> {
  readonly sort: ValuesOf<typeof sortTable>;
  readonly layout: ValuesOf<typeof layoutTable>;
}

/** All settings of several places, the first to say something is heard. */
export function settled(...places: readonly SomeSettings[]): Settings {
  const fallbacks = fallbacksOf(settingTable);
  const last = places.toReversed();
  return {
    ...Object.assign(fallbacks, ...last),
    sort: Object.assign(fallbacksOf(sortTable), ...last.map(({ sort }) => sort && directed(sort))),
    layout: Object.assign(fallbacksOf(layoutTable), ...last.map(({ layout }) => layout)),
  };
}

/** A column brings its own direction, as it does when its header is clicked. */
function directed(sort: Partial<Settings['sort']>): Partial<Settings['sort']> {
  const column = sort.column === undefined ? undefined : findColumn(sort.column);
  return column ? { descending: column.descending, ...sort } : sort;
}

/** The JSON Schema of the configuration file. */
export function configSchema(): SchemaNode {
  const { properties, ...rest } = objectSchema(settingTable) as { properties: object };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: "otop's configuration",
    ...rest,
    properties: { $schema: { type: 'string' }, ...properties },
  };
}

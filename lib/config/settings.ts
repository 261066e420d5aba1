import type { Trouble } from '../domain/board/board.ts';
import { parseServerAddress, type ServerAddress } from '../domain/process/server-address.ts';
import { parseSshHost, type SshHost } from '../domain/process/ssh-host.ts';
import {
  type RememberedView,
  type Settings,
  type SomeSettings,
  settled,
} from '../domain/schema/configuration.ts';
import { findColumn } from '../domain/table/columns.ts';
import type { Environment, Surroundings } from '../system/surroundings.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';
import { type ConfigPlace, configPlace, readConfig } from './config-file.ts';
import type { ConfigProblem } from './config-text.ts';
import type { Options } from './options.ts';
import { readViewMemory, viewMemoryPath, viewOf } from './view-memory.ts';

/** All settings, and the place and mistakes of the configuration. */
export interface LoadedSettings {
  readonly settings: Settings;
  readonly place: ConfigPlace;
  readonly problems: readonly ConfigProblem[];
  /** The file of the remembered view, and the view that is configured without it. */
  readonly memory: { readonly path: string; readonly base: RememberedView };
}

/**
 * Merges the settings of the command line, the environment, the remembered view, the configuration and the defaults. The
 * first of them that has a setting wins. The demo ignores the remembered view.
 */
export function loadSettings(options: Options, { env, homeDir }: Surroundings): LoadedSettings {
  const place = configPlace(options.config, env, homeDir);
  const { values, problems } = readConfig(place);
  const path = viewMemoryPath(env, homeDir);
  const base = viewOf(settled(values));
  const settings = settled(
    fromOptions(options),
    fromEnvironment(env),
    options.demo ? {} : readViewMemory(path, base),
    values,
  );
  return { settings, place, problems, memory: { path, base } };
}

function fromOptions(options: Options): SomeSettings {
  const column = options.sort === undefined ? undefined : findColumn(options.sort);
  return {
    ...(column && { sort: { column: column.id, descending: column.descending } }),
    ...(options.theme !== undefined && { theme: options.theme }),
    ...(!options.color && { theme: 'mono' }),
    ...(options.delay !== undefined && { delay: options.delay / 1000 }),
    ...(!options.mouse && { mouse: false }),
    ...(options.ascii && { ascii: true }),
    ...(options.readOnly && { readOnly: true }),
  };
}

/** https://no-color.org: NO_COLOR counts unless it is empty, and it overrides the configuration. */
function fromEnvironment(env: Environment): SomeSettings {
  return env.NO_COLOR ? { theme: 'mono' } : {};
}

/** Returns the opencode servers of the configuration. */
export function configuredServers({ servers }: Settings): ServerAddress[] {
  return servers.map(parseServerAddress).filter((address) => 'url' in address);
}

/** Returns the other machines of the configuration, by ssh and by their `otop serve`. */
export function configuredHosts({ hosts, otops }: Settings): {
  readonly ssh: readonly SshHost[];
  readonly serves: readonly ServerAddress[];
} {
  return {
    ssh: hosts.map(parseSshHost).filter((host) => 'name' in host),
    serves: otops.map(parseServerAddress).filter((address) => 'url' in address),
  };
}

/** Returns the mistakes of the configuration as lines in the form of compilers: `PATH:LINE:COLUMN: mistake`. */
export function problemLines({ place, problems }: LoadedSettings): DisplayText[] {
  return problems.map(({ line, column, text }) => sanitize(`${place.path}:${line}:${column}: ${text}`));
}

/** Returns the mistakes of the configuration as one trouble of the dashboard, or none. */
export function configTroubles(loaded: LoadedSettings): Trouble[] {
  const [first, ...others] = loaded.problems;
  if (first === undefined) return [];
  const more = others.length > 0 ? `; ${others.length} more mistakes: \`otop config\` names them` : '';
  const { path } = loaded.place;
  return [{ source: 'config', text: sanitize(`line ${first.line}: ${first.text}${more} (${path})`) }];
}

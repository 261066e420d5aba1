import type { Options } from '../config/options.ts';
import { configuredHosts, configuredServers } from '../config/settings.ts';
import type { SshHost } from '../domain/process/host-name.ts';
import type { Settings } from '../domain/ui/settings/table.ts';
import type { ServerAddress } from '../sources/server/address.ts';

/** Where else than on this machine the person has sessions. */
export interface NamedPlaces {
  readonly ssh: readonly SshHost[];
  /** Each an `otop serve`. */
  readonly serves: readonly ServerAddress[];
  /** Of opencode. */
  readonly servers: readonly ServerAddress[];
}

/** Those of the command line, else of the configuration; none of a kind that was turned off. */
export function namedPlaces(options: Options, settings: Settings): NamedPlaces {
  const { host, otop, server } = options;
  const isNamed = host !== undefined || otop !== undefined;
  const machines = isNamed ? { ssh: host ?? [], serves: otop ?? [] } : configuredHosts(settings);
  return {
    ...(options.hosts === false ? { ssh: [], serves: [] } : machines),
    servers: options.servers === false ? [] : (server ?? configuredServers(settings)),
  };
}

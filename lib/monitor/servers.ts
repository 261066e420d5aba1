import type { HostSource, LiveSource } from '../domain/board/readings.ts';
import type { SessionActs } from '../domain/session/acts.ts';
import { serverActs } from '../sources/server/acts.ts';
import type { ServerAddress } from '../sources/server/address.ts';
import { readCredentials } from '../sources/server/credentials.ts';
import { LocalServers } from '../sources/server/local-servers.ts';
import { NamedServers } from '../sources/server/named-servers.ts';
import { RemoteDetails } from '../sources/server/remote-details.ts';
import type { RowJudge } from '../sources/server/remote-rows.ts';
import { serviceFile } from '../sources/server/service-file.ts';
import type { Surroundings } from '../system/surroundings.ts';

/** What the servers are found, reached and judged with. */
export interface ServersOptions extends RowJudge, Surroundings {
  /** `process.getuid()`: whose file of passwords is believed. */
  readonly userId: number | undefined;
  /** Servers that the user named. */
  readonly named: readonly ServerAddress[];
}

/** The opencode servers of this machine and the named ones. */
export interface Servers {
  readonly local: LiveSource;
  readonly named: HostSource;
  readonly acts: SessionActs;
  readonly details: RemoteDetails;
}

/** Opens them; nothing is connected before one is found. */
export function openServers(options: ServersOptions): Servers {
  const { env, homeDir, userId, named: addresses } = options;
  const credentials = readCredentials(env, userId);
  const local = new LocalServers({ credentials, service: serviceFile(env, homeDir) });
  const named = new NamedServers({ ...options, addresses, credentials, localPorts: () => local.ports });
  const acts = serverActs(
    (sessionId) => local.hostOf(sessionId) ?? named.hostOf(sessionId),
    () => [...local.asks(), ...named.asks()],
  );
  const details = new RemoteDetails(
    (sessionId) => named.apiOf(sessionId),
    () => named.changed(),
  );
  return { local, named, acts, details };
}

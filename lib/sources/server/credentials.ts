import type { Environment } from '../../system/surroundings.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import { originOf, readSecrets } from './secrets-file.ts';

/** Names and passwords of servers: they leave this object in a header only, never in a text. */
export interface Credentials {
  /** The `Authorization` header for a server; undefined where nothing is known for it. */
  headerFor(url: string): string | undefined;
  /** Why the file of passwords is not used, and what to do. */
  readonly trouble?: DisplayText;
}

/** opencode's own name where none is given (opencode.md, "Server password"). */
const defaultUsername = 'opencode';

/**
 * Reads `OPENCODE_SERVER_PASSWORD` and `OPENCODE_SERVER_USERNAME`, opencode's own variables, for every server, and the
 * file that `OTOP_SERVER_PASSWORDS` names, whose lines are `URL NAME:PASSWORD` for single ones. A file that others can
 * read is not used, and the trouble says so. Never throws.
 */
export function readCredentials(env: Environment, userId: number | undefined): Credentials {
  const { OPENCODE_SERVER_PASSWORD: password, OPENCODE_SERVER_USERNAME: username } = env;
  const common = password ? basic(username || defaultUsername, password) : undefined;
  const named = 'OTOP_SERVER_PASSWORDS';
  const { byOrigin, trouble } = readSecrets({ path: env[named], userId, named, what: 'passwords' });
  return {
    headerFor(url) {
      const pair = byOrigin.get(originOf(url) ?? '');
      return pair === undefined ? common : ofPair(pair);
    },
    ...(trouble !== undefined && { trouble }),
  };
}

/** The header of HTTP's Basic scheme (RFC 7617). */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** `NAME:PASSWORD`, or a password alone. */
function ofPair(pair: string): string {
  const colon = pair.indexOf(':');
  return colon < 0 ? basic(defaultUsername, pair) : basic(pair.slice(0, colon), pair.slice(colon + 1));
}

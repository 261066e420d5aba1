import type { Environment } from '../../system/surroundings.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import { originOf, readSecrets } from './secrets-file.ts';

/** User names and passwords of servers. They leave this object only in a header, never in a displayed text. */
export interface Credentials {
  /** Returns the `Authorization` header for a server, or undefined if no password is known for it. */
  headerFor(url: string): string | undefined;
  /** Says why the file of passwords is not used, and how to fix that. */
  readonly trouble?: DisplayText;
}

/** opencode's default user name (opencode.md, "Server password"). */
const defaultUsername = 'opencode';

/**
 * Reads the password for all servers from `OPENCODE_SERVER_PASSWORD` and `OPENCODE_SERVER_USERNAME`, and those of single
 * servers from the file named by `OTOP_SERVER_PASSWORDS` (lines of `URL NAME:PASSWORD`). A file that others can read is
 * not used; `trouble` then says why. Never throws.
 */
export function readCredentials(env: Environment, userId: number | undefined): Credentials {
  const { OPENCODE_SERVER_PASSWORD: password, OPENCODE_SERVER_USERNAME: username } = env;
  const common = password ? basic(username || defaultUsername, password) : undefined;
  const variableName = 'OTOP_SERVER_PASSWORDS';
  const { byOrigin, trouble } = readSecrets({
    path: env[variableName],
    userId,
    variableName,
    content: 'passwords',
  });
  return {
    headerFor(url) {
      const pair = byOrigin.get(originOf(url) ?? '');
      return pair === undefined ? common : headerOf(pair);
    },
    ...(trouble !== undefined && { trouble }),
  };
}

/** Returns the header of HTTP's Basic scheme (RFC 7617). */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** Accepts `NAME:PASSWORD` or only a password. */
function headerOf(pair: string): string {
  const colon = pair.indexOf(':');
  return colon < 0 ? basic(defaultUsername, pair) : basic(pair.slice(0, colon), pair.slice(colon + 1));
}

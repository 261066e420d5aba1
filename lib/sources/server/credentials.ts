import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import type { Environment } from '../surroundings.ts';
import { originOf, readSecrets } from './secrets-file.ts';

/** Names and passwords of servers: they leave this object in a header only, never in a text. */
export interface Credentials {
  /** The `Authorization` header for a server; undefined where nothing is known for it. */
  headerFor(url: string): string | undefined;
  /** Why the file of passwords is not used, and what to do. */
  readonly trouble?: DisplayText;
}

/** opencode's own name where none is given (`opencode-facts.md` §4). */
const defaultUsername = 'opencode';

/**
 * Reads `OPENCODE_SERVER_PASSWORD` and `OPENCODE_SERVER_USERNAME`, opencode's own variables, for every server, and the
 * file that `OTOP_SERVER_PASSWORDS` names, whose lines are `URL NAME:PASSWORD` for single ones. A file that others can
 * read is not used, and the trouble says so. Never throws.
 */
export function readCredentials(env: Environment, userId: number | undefined): Credentials {
  const { OPENCODE_SERVER_PASSWORD: password, OPENCODE_SERVER_USERNAME: username } = env;
  const common = password ? basic(username || defaultUsername, password) : undefined;
  const path = env.OTOP_SERVER_PASSWORDS;
  const file = path
    ? readSecrets(path, { userId, named: 'OTOP_SERVER_PASSWORDS', what: 'passwords' })
    : { text: '' };
  const byUrl = 'text' in file ? parseLines(file.text) : new Map<string, string>();
  return {
    headerFor: (url) => byUrl.get(originOf(url) ?? '') ?? common,
    ...('trouble' in file && { trouble: sanitize(file.trouble) }),
  };
}

/** The header of HTTP's Basic scheme (RFC 7617). */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function parseLines(text: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, url, pair] = /^\s*([^#\s]\S*)\s+(\S.*?)\s*$/.exec(line) ?? [];
    const origin = originOf(url ?? '');
    if (origin === undefined || pair === undefined) continue;
    const colon = pair.indexOf(':');
    headers.set(
      origin,
      colon < 0 ? basic(defaultUsername, pair) : basic(pair.slice(0, colon), pair.slice(colon + 1)),
    );
  }
  return headers;
}

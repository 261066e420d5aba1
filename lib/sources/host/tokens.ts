import type { Environment } from '../../system/surroundings.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import { originOf, readSecrets } from '../server/secrets-file.ts';

/** Tokens of other machines' `otop serve`: they leave this object in a header only, never in a text. */
export interface Tokens {
  /** Undefined where none is known for this URL. */
  tokenFor(url: string): string | undefined;
  /** Why the file of tokens is not used, and what to do. */
  readonly trouble?: DisplayText;
}

/**
 * Reads `OTOP_TOKEN_<HOST>` for single ones, the file that `OTOP_TOKENS` names, whose lines are `URL TOKEN`, and
 * `OTOP_TOKEN` for all. A file that others can read is not used, and the trouble says so. Never throws.
 */
export function readTokens(env: Environment, userId: number | undefined): Tokens {
  const named = 'OTOP_TOKENS';
  const { byOrigin, trouble } = readSecrets({ path: env[named], userId, named, what: 'tokens' });
  return {
    tokenFor(url) {
      const own = tokenVariables(url).map((name) => env[name]);
      const all = [...own, byOrigin.get(originOf(url) ?? ''), env.OTOP_TOKEN];
      return all.find((token) => token !== undefined && visible.test(token));
    },
    ...(trouble !== undefined && { trouble }),
  };
}

/** Variables that may hold the token of a URL, the closest first: `OTOP_TOKEN_BOX_8384`, `OTOP_TOKEN_BOX`. */
export function tokenVariables(url: string): readonly string[] {
  const { host, hostname } = new URL(url);
  const names = [host, hostname].map((name) => name.toUpperCase().replace(/[^A-Z0-9]+/g, '_'));
  return [...new Set(names)].map((name) => `OTOP_TOKEN_${name}`);
}

/** What a header can carry. */
const visible = /^[\x21-\x7e]{1,512}$/;

import type { Environment } from '../../system/surroundings.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import { originOf, readSecrets } from '../server/secrets-file.ts';

/** Tokens for other machines' `otop serve`. They are sent in a header only and never shown. */
export interface Tokens {
  /** The token for a URL; undefined if there is none. */
  tokenFor(url: string): string | undefined;
  /** Why the token file is not used, and how to fix that. */
  readonly trouble?: DisplayText;
}

/**
 * Reads tokens, in this order: `OTOP_TOKEN_<HOST>` for one machine, the file that `OTOP_TOKENS` names (with lines
 * `URL TOKEN`), and `OTOP_TOKEN` for all machines. A file that other users can read is not used; `trouble` then says
 * so. Never throws.
 */
export function readTokens(env: Environment, userId: number | undefined): Tokens {
  const variableName = 'OTOP_TOKENS';
  const { byOrigin, trouble } = readSecrets({
    path: env[variableName],
    userId,
    variableName,
    content: 'tokens',
  });
  return {
    tokenFor(url) {
      const own = tokenVariables(url).map((name) => env[name]);
      const all = [...own, byOrigin.get(originOf(url) ?? ''), env.OTOP_TOKEN];
      return all.find((token) => token !== undefined && headerToken.test(token));
    },
    ...(trouble !== undefined && { trouble }),
  };
}

/** The variables for the token of a URL, the most specific first: `OTOP_TOKEN_BOX_8384`, `OTOP_TOKEN_BOX`. */
export function tokenVariables(url: string): readonly string[] {
  const { host, hostname } = new URL(url);
  const names = [host, hostname].map((name) => name.toUpperCase().replace(/[^A-Z0-9]+/g, '_'));
  return [...new Set(names)].map((name) => `OTOP_TOKEN_${name}`);
}

/** The characters and length that a token in a header may have. */
const headerToken = /^[\x21-\x7e]{1,512}$/;

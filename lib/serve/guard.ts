import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { type Answer, refuse } from './route.ts';

/** Who may ask what. */
export interface Guard {
  /** The address that is listened on. */
  readonly bind: string;
  /** Names in `Host` beside those of the address itself, in lower case. */
  readonly hostNames: ReadonlySet<string>;
  readonly token: string | undefined;
}

/** True for an address that only this machine reaches. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);
}

/**
 * Why a request is refused, or undefined. A page in a browser is: by its `Host` where a name was rebound to this
 * address, by `Origin` and `Sec-Fetch-Site` (https://www.w3.org/TR/fetch-metadata) otherwise. Whatever changes
 * something needs the token, and so does everything where other machines can reach us.
 */
export function refusal(
  request: { readonly method?: string | undefined; readonly headers: IncomingHttpHeaders },
  guard: Guard,
): Answer | undefined {
  const { headers } = request;
  if (!isOurHost(headers.host, guard)) {
    return refuse(403, 'the Host header names another host; `--allow-host NAME` lets a name in');
  }
  const site = headers['sec-fetch-site'];
  if (headers.origin !== undefined || (site !== undefined && site !== 'none')) {
    return refuse(403, 'pages in a browser may not ask');
  }
  const isReading = request.method === 'GET' || request.method === 'HEAD';
  if (isReading && isLoopback(guard.bind)) return undefined;
  return tokenRefusal(headers.authorization, guard.token);
}

function isOurHost(host: string | undefined, { bind, hostNames }: Guard): boolean {
  const found = /^(?:\[([\da-f:.]+)\]|([^\s:/?#@[\]]+))(?::\d{1,5})?$/i.exec(host ?? '');
  const name = (found?.[1] ?? found?.[2])?.toLowerCase();
  if (name === undefined) return false;
  if (isLoopback(name) || hostNames.has(name)) return true;
  // A rebound name is a name: an address in numbers was typed by whoever asks.
  return !isLoopback(bind) && isIP(name) !== 0;
}

const challenge = { 'www-authenticate': 'Bearer realm="otop"' };

function tokenRefusal(authorization: string | undefined, token: string | undefined): Answer | undefined {
  if (token === undefined) {
    return refuse(403, 'this otop has no token, and so it only reads; `otop serve --make-token` makes one');
  }
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (given === undefined) {
    return refuse(401, 'a token is needed: Authorization: Bearer TOKEN', challenge);
  }
  return isSame(given, token) ? undefined : refuse(401, 'the token is wrong', challenge);
}

/** Compares in a time that tells neither where nor that the lengths differ. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { type RouteResponse, refuse } from './route.ts';

/** The rules for requests. */
export interface Guard {
  /** The address that the server listens on. */
  readonly bind: string;
  /** More allowed names in `Host`, in lower case. */
  readonly hostNames: ReadonlySet<string>;
  readonly token: string | undefined;
}

/** True for an address that only this machine can reach. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);
}

/**
 * Returns the refusal of a request, or undefined if it is allowed. Requests of pages in a browser are refused: by `Host`
 * (DNS rebinding), or by `Origin` and `Sec-Fetch-Site` (https://www.w3.org/TR/fetch-metadata). Every request that changes
 * something needs the token, and so does every request if other machines can reach the address.
 */
export function refusal(
  request: { readonly method?: string | undefined; readonly headers: IncomingHttpHeaders },
  guard: Guard,
): RouteResponse | undefined {
  const { headers } = request;
  if (!isOurHost(headers.host, guard)) {
    return refuse(
      403,
      'the Host header names another host; start otop serve with `--allow-host NAME` to accept a name',
    );
  }
  const site = headers['sec-fetch-site'];
  if (headers.origin !== undefined || (site !== undefined && site !== 'none')) {
    return refuse(403, 'web pages in a browser must not send requests');
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
  // DNS rebinding needs a host name; a literal address is safe.
  return !isLoopback(bind) && isIP(name) !== 0;
}

const challenge = { 'www-authenticate': 'Bearer realm="otop"' };

function tokenRefusal(
  authorization: string | undefined,
  token: string | undefined,
): RouteResponse | undefined {
  if (token === undefined) {
    return refuse(
      403,
      'this otop serve has no token, so it is read-only; `otop serve --make-token` makes one',
    );
  }
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (given === undefined) {
    return refuse(401, 'a token is needed: Authorization: Bearer TOKEN', challenge);
  }
  return isSame(given, token) ? undefined : refuse(401, 'the token is wrong', challenge);
}

/** Compares in constant time, so that the time reveals neither the first difference nor the length. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

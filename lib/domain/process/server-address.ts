import { type DisplayText, sanitize } from '../../text/sanitize.ts';

/** The URL of a server and its display name. */
export interface ServerAddress {
  /** `http://box:4096`, without a trailing slash. */
  readonly url: string;
  /** Host, port and path, for the host column, filters and troubles. */
  readonly name: DisplayText;
}

/** The reason why a text is not a server address; never contains a password. */
export interface RefusedAddress {
  readonly refused: DisplayText;
}

const form = 'A server is http://HOST:PORT or https://HOST:PORT.';

/**
 * Parses a typed server URL; returns `refused` with the reason if it is invalid. A user or a password is refused, since
 * every user of the machine can read command lines.
 */
export function parseServerAddress(text: string): ServerAddress | RefusedAddress {
  const url = parsed(text);
  if (url === undefined) return refused(form);
  if (url.username !== '' || url.password !== '') {
    return refused(
      'A URL must not contain a user or a password: every user of this machine can read it. ' +
        'Set OPENCODE_SERVER_PASSWORD, or name a file with OTOP_SERVER_PASSWORDS.',
    );
  }
  if (url.search !== '' || url.hash !== '')
    return refused(`${form} It has no query (?) and no fragment (#).`);
  return {
    url: url.href.replace(/\/+$/, ''),
    name: sanitize(url.host + url.pathname.replace(/\/+$/, ''), 80),
  };
}

/** The address of a port on this machine. */
export function loopbackAddress(port: number): ServerAddress {
  return { url: `http://127.0.0.1:${port}`, name: sanitize(`port ${port}`) };
}

/** The port of a loopback address; undefined for any other address. */
export function loopbackPort({ url }: ServerAddress): number | undefined {
  const { hostname, port, protocol } = new URL(url);
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
  return isLoopback ? Number(port || (protocol === 'https:' ? 443 : 80)) : undefined;
}

function parsed(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (url?.protocol === 'http:' || url?.protocol === 'https:') && url.hostname !== '' ? url : undefined;
}

function refused(text: string): RefusedAddress {
  return { refused: sanitize(text) };
}

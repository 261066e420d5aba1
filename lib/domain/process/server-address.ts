import { type DisplayText, sanitize } from '../../text/sanitize.ts';

/** Where a server is reached, and what people call it. */
export interface ServerAddress {
  /** `http://box:4096`, without a slash at its end. */
  readonly url: string;
  /** Host and port: the host column, filters and troubles name it so. */
  readonly name: DisplayText;
}

/** Why a text is no server's address, in words that never repeat a password. */
export interface RefusedAddress {
  readonly refused: DisplayText;
}

const form = 'A server is http://HOST:PORT or https://HOST:PORT.';

/** Reads a server's URL as people type it. A user or password in it is refused: command lines are seen by everybody. */
export function parseServerAddress(text: string): ServerAddress | RefusedAddress {
  const url = parsed(text);
  if (url === undefined) return refused(form);
  if (url.username !== '' || url.password !== '') {
    return refused(
      'A password may not stand in a URL, which everybody on this machine can read: ' +
        'set OPENCODE_SERVER_PASSWORD, or name a file with OTOP_SERVER_PASSWORDS.',
    );
  }
  if (url.search !== '' || url.hash !== '') return refused(`${form} Nothing may follow a ? or a #.`);
  return {
    url: url.href.replace(/\/+$/, ''),
    name: sanitize(url.host + url.pathname.replace(/\/+$/, ''), 80),
  };
}

/** The address of a port on this machine. */
export function loopbackAddress(port: number): ServerAddress {
  return { url: `http://127.0.0.1:${port}`, name: sanitize(`port ${port}`) };
}

/** The port of an address of this very machine; undefined for any other. */
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

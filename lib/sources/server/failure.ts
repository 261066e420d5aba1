import { type DisplayText, sanitize } from '../../text/sanitize.ts';

/** A request to a server failed. The message says what is wrong and how to fix it, and never contains a password. */
export class ServerFailure extends Error {}

const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'its answer was cut short',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  ETIMEDOUT: 'the host does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'the host does not answer',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed (trust it with NODE_EXTRA_CA_CERTS)',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate is signed by an untrusted authority (trust it with NODE_EXTRA_CA_CERTS)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate cannot be verified (trust its authority with NODE_EXTRA_CA_CERTS)',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS: try http://',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS: try http://',
};

/** Returns the failure for a redirect, which otop does not follow, since the password or token would go with it. */
export function redirectFailure({ headers }: Response): ServerFailure {
  const target = headers.get('location');
  const suffix = target !== null && URL.canParse(target) ? ` to ${new URL(target).host}` : '';
  return new ServerFailure(`it redirects${suffix}, and otop follows no redirect: use the final address`);
}

/**
 * Returns any failure of a request as one line of text, without the request's content. `otherProgramText` is used if
 * the response is not HTTP.
 */
export function failureText(error: unknown, otherProgramText: DisplayText = notOpencode): DisplayText {
  let innermost = error;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    innermost = cause;
    if (cause instanceof ServerFailure) return sanitize(cause.message, 200);
    const code = 'code' in cause ? byCode[String(cause.code)] : undefined;
    if (code !== undefined) return sanitize(code);
    if (cause.name.startsWith('HTTPParser')) return otherProgramText;
  }
  if (error instanceof Error && error.name === 'TimeoutError') return sanitize('it does not answer');
  if (error instanceof SyntaxError)
    return sanitize('its answer is not JSON of an opencode version that otop knows');
  // Node's fetch only says that it failed; the reason is in the innermost cause.
  return sanitize(innermost instanceof Error ? innermost.message : String(error), 160);
}

/**
 * The failure for a response with an error status: the server's own message if it has one (opencode-2.md, "HTTP
 * conventions"), and for 404 and 409 of an ask that it is over.
 */
export async function refusal(response: Response): Promise<ServerFailure> {
  const body: unknown = await response.json().catch(() => undefined);
  const field = (name: string) =>
    typeof body === 'object' && body !== null && name in body
      ? String((body as Readonly<Record<string, unknown>>)[name])
      : '';
  if (/^(Permission|Form|Question)(NotFound|AlreadySettled)/.test(field('_tag')))
    return new ServerFailure('it no longer waits for this answer');
  if (field('_tag') === 'SessionNotFoundError') return new ServerFailure('the session no longer exists');
  return new ServerFailure(`${field('message') || 'it refuses the request'} (status ${response.status})`);
}

const brokenConnectionCodes: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'EPIPE',
  'UND_ERR_SOCKET',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);

/** True if the server may have carried out the request, or still may, although no response arrived. */
export function mayHaveArrived(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const isLost = error.name === 'TimeoutError' || ('code' in error && brokenConnectionCodes.has(error.code));
  return isLost || mayHaveArrived(error.cause);
}

/** The failure text if another program listens on the port. */
export const notOpencode = sanitize('another program answers there, not opencode');

import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import { asDisplay, asObject, at, type JsonObject } from '../json.ts';
import { boundedFetch, PasswordRejected, PasswordRequired } from './bounded-fetch.ts';
import { notOpencode, ServerFailure } from './failure.ts';
import type { ApiOptions, Endpoint, OpencodeApi } from './opencode-api.ts';

/**
 * Detects the API version, then loads the SDK of opencode 1 if needed. opencode 1 returns a version at `/global/health`,
 * the released opencode 2 at `/api/info`, a build before it at `/api/health` (opencode-2.md, "Who answers").
 * `/global/health` comes first: 1.2.27 forwards unknown paths to the Internet (opencode.md, "Unknown paths"). Rejects if
 * no opencode responds, or one that otop does not know.
 */
export async function openApi(
  url: string,
  /** The `Authorization` headers to try, in this order; sent only to a server that requires a password. */
  headers: () => readonly string[],
  options: ApiOptions,
): Promise<OpencodeApi> {
  const open = (header?: string) => detectApi({ url, authorization: () => header }, options);
  let failure: unknown;
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof PasswordRequired)) throw error;
    failure = error;
  }
  for (const header of headers()) {
    try {
      return await open(header);
    } catch (error) {
      if (!(error instanceof PasswordRejected)) throw error;
      failure = error;
    }
  }
  throw failure;
}

async function detectApi(endpoint: Endpoint, options: ApiOptions): Promise<OpencodeApi> {
  const fetch = boundedFetch(options.limits, endpoint.authorization);
  const objectAt = (path: string) => jsonObjectAt(`${endpoint.url}${path}`, fetch);
  const one = versionIn(await objectAt('/global/health'));
  if (one !== undefined) {
    const { openApiOne } = await import('./api-one.ts');
    return openApiOne(endpoint, one, options);
  }
  const { openApiTwo } = await import('./api-two.ts');
  const info = await objectAt('/api/info');
  const released = versionIn(info);
  if (released !== undefined && infoKeys.some((key) => at(info, key) !== undefined)) {
    expectKnownMajor(released);
    return openApiTwo(endpoint, { version: released, build: 'released' }, options);
  }
  const health = await objectAt('/api/health');
  if (at(health, 'healthy') !== true) throw new ServerFailure(notOpencode);
  const version = versionIn(health);
  // `{"healthy":true}` alone could be any program's.
  const isPreview = version !== undefined || asObject(at(await objectAt('/api/session/active'), 'data'));
  if (!isPreview) throw new ServerFailure(notOpencode);
  return openApiTwo(endpoint, { version: version ?? preview, build: 'before release' }, options);
}

/** What `/api/info` has beside a version, which many programs answer there (opencode-2.md, "Who answers"). */
const infoKeys = ['pid', 'urls', 'paths', 'capabilities'];

/** The preview does not say its version (opencode-2.md, "API of the builds"). */
const preview = sanitize('2 preview');

function versionIn(body: JsonObject | undefined): DisplayText | undefined {
  return asDisplay(at(body, 'version'));
}

/** Throws for a major version after 2, whose routes otop does not know. */
function expectKnownMajor(version: DisplayText): void {
  if (Number.parseInt(version, 10) > 2)
    throw new ServerFailure(`opencode ${version} is newer than this otop knows: is there a newer otop?`);
}

/**
 * The JSON object at a URL; undefined if the response is another. Throws a ServerFailure while a server starts or stops, and
 * if its start failed (opencode-2.md, "Who answers").
 */
async function jsonObjectAt(url: string, fetch: ReturnType<typeof boundedFetch>) {
  try {
    const response = await fetch(new Request(url));
    if (response.status === 503) throw new ServerFailure('it is starting or stopping');
    if (!response.ok) return undefined;
    return asObject(await response.json());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    if (error instanceof ServerFailure && error.message === notOpencode) return undefined;
    throw error;
  }
}

import { asDisplay, asObject, at } from '../json.ts';
import { boundedFetch, type Limits, PasswordRequired } from './bounded-fetch.ts';
import { notOpencode, ServerFailure } from './failure.ts';
import type { Endpoint, OpencodeApi } from './opencode-api.ts';

/** Limits and wanted events of a connection. */
interface ApiOptions {
  readonly limits: Limits;
  /** Types of opencode 1's events to pass on. */
  readonly wantedEvents: ReadonlySet<string>;
}

/**
 * Detects the API version, then loads the SDK. opencode 1 returns a version at `/global/health`, opencode 2 at
 * `/api/health` (opencode-2.md, "API of the builds"). `/global/health` comes first: 1.2.27 forwards unknown paths to the
 * Internet (opencode.md, "Unknown paths"). Rejects if no opencode responds.
 */
export async function openApi(endpoint: Endpoint, options: ApiOptions): Promise<OpencodeApi> {
  // Sends the password only to a server that requires one.
  const { url, authorization } = endpoint;
  try {
    return await detectApi({ url, authorization: () => undefined }, options);
  } catch (error) {
    if (!(error instanceof PasswordRequired) || authorization() === undefined) throw error;
    return detectApi(endpoint, options);
  }
}

async function detectApi(endpoint: Endpoint, { limits, wantedEvents }: ApiOptions): Promise<OpencodeApi> {
  const fetch = boundedFetch(limits, endpoint.authorization);
  const one = await versionAt(`${endpoint.url}/global/health`, fetch);
  if (one !== undefined) {
    const { openApiOne } = await import('./api-one.ts');
    return openApiOne(endpoint, one, limits, wantedEvents);
  }
  const two = await versionAt(`${endpoint.url}/api/health`, fetch);
  if (two === undefined) throw new ServerFailure(notOpencode);
  const { openApiTwo } = await import('./api-two.ts');
  return openApiTwo(endpoint, two, limits);
}

/** Returns the version in a health response, or undefined if the response is another. */
async function versionAt(url: string, fetch: ReturnType<typeof boundedFetch>) {
  try {
    const response = await fetch(new Request(url));
    if (!response.ok) return undefined;
    return asDisplay(at(asObject(await response.json()), 'version'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    if (error instanceof ServerFailure && error.message === notOpencode) return undefined;
    throw error;
  }
}

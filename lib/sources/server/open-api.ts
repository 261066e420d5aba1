import { asDisplay, asObject, at } from '../json.ts';
import { boundedFetch, type Limits, PasswordWanted } from './bounded-fetch.ts';
import { notOpencode, ServerFailure } from './failure.ts';
import type { OpencodeApi, Reach } from './opencode-api.ts';

/** What is asked of a connection beside the server itself. */
interface ApiOptions {
  readonly limits: Limits;
  /** Types of opencode 1's events that are wanted. */
  readonly wantedEvents: ReadonlySet<string>;
}

/**
 * Asks who answers, then loads the SDK: without a server nobody pays for it. `/global/health` with a version is
 * opencode 1, `/api/health` with one is opencode 2 (opencode-2.md, "API of the builds"). The first is asked first: 1.2.27
 * passes paths that it does not know on to the Internet (opencode.md, "Unknown paths"). Rejects where no opencode answers.
 */
export async function openApi(reach: Reach, options: ApiOptions): Promise<OpencodeApi> {
  // A password is shown to nobody who does not ask for one.
  const { url, authorization } = reach;
  try {
    return await whoAnswers({ url, authorization: () => undefined }, options);
  } catch (error) {
    if (!(error instanceof PasswordWanted) || authorization() === undefined) throw error;
    return whoAnswers(reach, options);
  }
}

async function whoAnswers(reach: Reach, { limits, wantedEvents }: ApiOptions): Promise<OpencodeApi> {
  const fetch = boundedFetch(limits, reach.authorization);
  const one = await versionAt(`${reach.url}/global/health`, fetch);
  if (one !== undefined) {
    const { openApiOne } = await import('./api-one.ts');
    return openApiOne(reach, one, limits, wantedEvents);
  }
  const two = await versionAt(`${reach.url}/api/health`, fetch);
  if (two === undefined) throw new ServerFailure(notOpencode);
  const { openApiTwo } = await import('./api-two.ts');
  return openApiTwo(reach, two, limits);
}

/** The version that a health answer names; undefined where the place answers otherwise. */
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

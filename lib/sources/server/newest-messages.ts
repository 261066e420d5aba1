import { ResponseTooLong } from './bounded-fetch.ts';
import type { OpencodeApi, WireMessage } from './opencode-api.ts';

/**
 * Returns the newest messages of a session, oldest first. Tries each of `counts` (in descending order) until the
 * response fits the size limit; returns an empty array if none does. Rejects with any other failure of the API.
 */
export async function newestMessages(
  api: OpencodeApi,
  sessionId: string,
  counts: readonly number[],
): Promise<readonly WireMessage[]> {
  for (const limit of counts) {
    try {
      return await api.messages(sessionId, limit);
    } catch (error) {
      if (!(error instanceof ResponseTooLong)) throw error;
    }
  }
  return [];
}

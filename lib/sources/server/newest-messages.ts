import { TooLong } from './bounded-fetch.ts';
import type { OpencodeApi, WireMessage } from './opencode-api.ts';

/**
 * The newest messages of a session, as many of `amounts` (most first) as are not too long together to be read in one
 * piece; none where even the last amount is. Rejects as the API does.
 */
export async function newestMessages(
  api: OpencodeApi,
  sessionId: string,
  amounts: readonly number[],
): Promise<readonly WireMessage[]> {
  for (const limit of amounts) {
    try {
      return await api.messages(sessionId, limit);
    } catch (error) {
      if (!(error instanceof TooLong)) throw error;
    }
  }
  return [];
}

import type { SessionRequest } from '../board/readings.ts';
import { parseArguments } from '../process/arguments.ts';
import type { OpencodeProcess } from '../process/process.ts';
import type { LogFacts } from './log-facts.ts';
import type { Evidence, Match } from './match.ts';

/** The request to the databases: all sessions that any source names, so that they can be matched. */
export function wantedSessions(
  poll: {
    readonly processes: readonly OpencodeProcess[];
    readonly log: ReadonlyMap<number, LogFacts>;
    readonly extraEvidence: readonly Evidence[];
    readonly previous: readonly Match[];
  },
  settings: Pick<SessionRequest, 'includeIdle' | 'sums'>,
): SessionRequest {
  const sessionIds = new Set<string>();
  const directories = new Set<string>();
  for (const { args, cwd } of poll.processes) {
    const { sessionId } = parseArguments(args);
    if (sessionId !== undefined) sessionIds.add(sessionId);
    if (cwd !== undefined) directories.add(cwd);
  }
  for (const { sessions } of poll.log.values()) {
    for (const { sessionId, parentId } of sessions) sessionIds.add(sessionId).add(parentId ?? sessionId);
  }
  for (const { sessionId } of [...poll.extraEvidence, ...poll.previous]) sessionIds.add(sessionId);
  return { sessionIds, directories, ...settings };
}

import type { SessionRequest } from '../board/readings.ts';
import { parseArguments } from '../process/arguments.ts';
import type { OpencodeProcess } from '../process/process.ts';
import type { LogFacts } from './log-facts.ts';
import type { Evidence, Match } from './match.ts';

/** What the databases must be asked for, so that every session that anything names can be matched. */
export function wantedSessions(
  look: {
    readonly processes: readonly OpencodeProcess[];
    readonly log: ReadonlyMap<number, LogFacts>;
    readonly extraEvidence: readonly Evidence[];
    readonly previous: readonly Match[];
  },
  settings: Pick<SessionRequest, 'includeIdle' | 'sums'>,
): SessionRequest {
  const sessionIds = new Set<string>();
  const directories = new Set<string>();
  for (const { args, cwd } of look.processes) {
    const { sessionId } = parseArguments(args);
    if (sessionId !== undefined) sessionIds.add(sessionId);
    if (cwd !== undefined) directories.add(cwd);
  }
  for (const { sessions } of look.log.values()) {
    for (const { sessionId, parentId } of sessions) sessionIds.add(sessionId).add(parentId ?? sessionId);
  }
  for (const { sessionId } of [...look.extraEvidence, ...look.previous]) sessionIds.add(sessionId);
  return { sessionIds, directories, ...settings };
}

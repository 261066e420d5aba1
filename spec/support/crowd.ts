import type { LogFacts } from '../../lib/domain/evidence/log-facts.ts';
import type { OpencodeProcess } from '../../lib/domain/process/process.ts';
import type { Session } from '../../lib/domain/session/session.ts';
import { ago, assistant, finished, logFacts, pane, process, session, text } from './builders.ts';

/** Many processes and sessions, and the session of each process. */
export interface Crowd {
  readonly processes: readonly OpencodeProcess[];
  readonly sessions: ReadonlyMap<string, Session>;
  readonly log: ReadonlyMap<number, LogFacts>;
  /** The session of each process. */
  readonly ownOf: ReadonlyMap<number, string>;
}

/** The evidence for the matches of a crowd: logs, terminal titles, or only directories. */
export type CrowdEvidence = 'log' | 'title' | 'directory';

const directories = 10;

/**
 * Returns `processCount` TUIs, seven in ten of them in one directory, and `sessionCount` sessions. Each process has
 * prompted three sessions, its own one last; every third of the own sessions is working. Deterministic.
 */
export function crowdOf(processCount: number, sessionCount: number, evidence: CrowdEvidence): Crowd {
  const directoryOf = (index: number) => `/home/u/project${index % 10 < 7 ? 0 : index % directories}`;
  const idOf = (index: number) => `ses_${String(index).padStart(6, '0')}`;
  const sessions = Array.from({ length: sessionCount }, (_, index) =>
    session({
      id: idOf(index),
      directoryPath: directoryOf(index),
      title: text(`Session number ${index}`),
      updatedAtMs: ago(60 + index),
      activeAtMs: ago(60 + index),
      newestAssistant:
        index < processCount && index % 3 === 0
          ? assistant({ createdAtMs: ago(60 + index) })
          : finished(60 + index),
    }),
  );
  const processes = Array.from({ length: processCount }, (_, index) =>
    process({
      pid: 1000 + index,
      cwd: directoryOf(index),
      startedAtMs: ago(100_000),
      ...(evidence === 'title' && { pane: pane({ title: text(`OC | Session number ${index}`) }) }),
    }),
  );
  const log = processes.map(({ pid }, index) => {
    const prompted = [index + 2 * processCount, index + processCount, index];
    const named = prompted.filter((at) => at < sessionCount).map(idOf);
    const lines = named.map((sessionId, at) => ({
      sessionId,
      atMs: ago(500 - at),
      how: 'prompted' as const,
    }));
    return logFacts({ pid, run: `run${pid}`, exact: true, complete: true, sessions: lines });
  });
  return {
    processes,
    sessions: new Map(sessions.map((each) => [each.id, each])),
    log: new Map(evidence === 'log' ? log.map((facts) => [facts.pid, facts]) : []),
    ownOf: new Map(processes.map(({ pid }, index) => [pid, idOf(index)])),
  };
}

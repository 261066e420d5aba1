import type { LogFacts, LogSession } from './log-facts.ts';

/** A root session that a process's log names, with the time of the last such line. */
export interface NamedRoot {
  readonly sessionId: string;
  readonly atMs: number;
  readonly how: LogSession['how'];
  readonly createdAtMs?: number;
  /** The time of the last prompt; absent if the session was only opened, or created without a prompt. */
  readonly promptedAtMs?: number;
}

/**
 * The root sessions that a process's log names, newest last. A subagent's line counts for its root only if the root has
 * no own line: otherwise a working subagent would make its root newer than a later prompt of another session.
 */
export function namedRoots(facts: LogFacts | undefined, rootOf: (sessionId: string) => string): NamedRoot[] {
  const own = new Map<string, NamedRoot>();
  const bySubagent = new Map<string, NamedRoot>();
  for (const { sessionId, atMs, how } of facts?.sessions ?? []) {
    const root = rootOf(sessionId);
    const roots = root === sessionId ? own : bySubagent;
    const before = roots.get(root);
    roots.delete(root);
    roots.set(root, {
      ...before,
      sessionId: root,
      atMs,
      how,
      ...(how === 'created' && root === sessionId ? { createdAtMs: atMs } : {}),
      ...(how === 'prompted' ? { promptedAtMs: atMs } : {}),
    });
  }
  for (const root of own.keys()) bySubagent.delete(root);
  // The own line of a root that is known only through its subagent is older than the log's read part, so it comes first.
  return [...bySubagent.values(), ...own.values()];
}

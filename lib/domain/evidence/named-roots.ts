import type { LogFacts, LogSession } from './log-facts.ts';

/** A root session that a process's log names, and when it did so last. */
export interface NamedRoot {
  readonly sessionId: string;
  readonly atMs: number;
  readonly how: LogSession['how'];
  readonly createdAtMs?: number;
  /** When it was prompted last; absent where it was only opened, or made and not prompted yet. */
  readonly promptedAtMs?: number;
}

/**
 * The root sessions that a process's log names, newest last. A subagent's line counts for its root only where the
 * root has no line of its own: else a subagent that still works would make its root newer than a later prompt.
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
  // A root known through its subagent alone: its own line lies further back, so it comes first.
  return [...bySubagent.values(), ...own.values()];
}

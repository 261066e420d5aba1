import type { Session } from '../session/session.ts';

/** Types of parts that opencode up to 1.18 writes and that say nothing of a session's state. */
const silentTypes: ReadonlySet<string> = new Set(['file', 'agent', 'subtask', 'snapshot', 'patch', 'retry']);

/**
 * What the session's newest message holds that otop has no rule for, in words: a newer opencode's parts, a row that is
 * no JSON, a tool in a state of another name. Its state is the nearest that the rest allows.
 */
export function notUnderstood({ newestAssistant }: Session): string[] {
  const found = new Set<string>();
  for (const part of newestAssistant?.parts ?? []) {
    if (part.kind === 'other' && !silentTypes.has(part.type ?? ''))
      found.add(part.type === undefined ? 'a part without a type' : `a part of type '${part.type}'`);
    if (part.kind === 'tool' && part.call.status === 'unknown')
      found.add(`the state of a call of '${part.call.tool}'`);
  }
  return [...found];
}

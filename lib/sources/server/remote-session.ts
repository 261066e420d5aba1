import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { ReportedActivity } from '../../domain/session/reported-status.ts';
import type { Session, TodoCount } from '../../domain/session/session.ts';
import { answeredBy } from '../../domain/session/session.ts';
import { isDoneTodo } from '../../domain/session/session-detail.ts';
import { asDisplay, asObject, asObjects, asSessionId, asText, asTime, at, type JsonObject } from '../json.ts';
import { costOf, modelOf, tokensOf } from '../opencode/message-row.ts';
import { denyQuestions } from '../opencode/session-row.ts';
import type { RemoteConversation } from './remote-conversation.ts';

/** What is kept of a session that is in no database of this machine. */
export interface RemoteRecord {
  readonly info: JsonObject;
  /** Absent where its messages were not asked for. */
  readonly conversation?: RemoteConversation;
  /** When it had been updated last, by its server's clock, before its messages were read. */
  readonly readOfMs?: number | undefined;
  readonly todos?: TodoCount;
}

/** A server's session as one of ours; undefined where it has no id that can be one. */
export function remoteSession(
  { info, conversation, todos }: RemoteRecord,
  activity: ReportedActivity | undefined,
): Session | undefined {
  const id = asSessionId(info.id);
  if (id === undefined) return undefined;
  const updatedAtMs = asTime(at(info, 'time', 'updated'));
  const facts = conversation?.facts() ?? {};
  const isAtWork = activity !== undefined && activity.kind !== 'idle';
  const own = omitUndefined({
    id,
    databasePath: '',
    parentId: asSessionId(info.parentID),
    title: asDisplay(info.title),
    directory: asDisplay(info.directory),
    directoryPath: asText(info.directory),
    version: asDisplay(info.version),
    agent: asDisplay(info.agent),
    model: modelOf(asObject(info.model)),
    createdAtMs: asTime(at(info, 'time', 'created')),
    updatedAtMs,
    archivedAtMs: asTime(at(info, 'time', 'archived')),
    interactive: !denyQuestions(info.permission),
    reverted: asObject(info.revert) !== undefined,
    tokens: tokensOf(info),
    cost: costOf(info),
    todos,
    ...facts,
    activeAtMs: facts.activeAtMs ?? updatedAtMs,
    // Its messages are not known, but that it works is: as opencode 2 writes it down.
    claimedAtMs: isAtWork && facts.newestUser === undefined ? updatedAtMs : undefined,
  });
  return { ...answeredBy(facts), ...own };
}

/** Counts of a session's todos. */
export function todoCount(todos: readonly unknown[]): TodoCount {
  const done = asObjects(todos).filter(({ status }) => isDoneTodo(status)).length;
  return { total: todos.length, done };
}

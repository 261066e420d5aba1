import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { ReportedActivity } from '../../domain/session/reported-status.ts';
import type { Session, TodoCount } from '../../domain/session/session.ts';
import { answeredBy } from '../../domain/session/session.ts';
import { isDoneTodo } from '../../domain/session/session-detail.ts';
import { asDisplay, asObject, asObjects, asSessionId, asText, asTime, at, type JsonObject } from '../json.ts';
import { costOf, modelOf, tokensOf } from '../opencode/message-row.ts';
import { denyQuestions } from '../opencode/session-row.ts';
import type { RemoteConversation } from './remote-conversation.ts';

/** A stored session that is in no database of this machine. */
export interface RemoteRecord {
  readonly info: JsonObject;
  /** Absent until the session's messages are read. */
  readonly conversation?: RemoteConversation;
  /** The session's update time before its messages were read, by the server's clock. */
  readonly updatedBeforeReadMs?: number | undefined;
  readonly todos?: TodoCount;
}

/** Returns a server's session in the form of a local one, or undefined if its id is not a session id. */
export function remoteSession(
  { info, conversation, todos }: RemoteRecord,
  activity: ReportedActivity | undefined,
): Session | undefined {
  const id = asSessionId(info.id);
  if (id === undefined) return undefined;
  const updatedAtMs = asTime(at(info, 'time', 'updated'));
  const facts = conversation?.facts() ?? {};
  const isAtWork = activity !== undefined && activity.kind !== 'idle';
  const fields = omitUndefined({
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
    // If the session works but no message is known, this time marks it as working, as in a database of opencode 2.
    claimedAtMs: isAtWork && facts.newestUser === undefined ? updatedAtMs : undefined,
  });
  return { ...answeredBy(facts), ...fields };
}

/** Counts a session's todos and the done ones among them. */
export function todoCount(todos: readonly unknown[]): TodoCount {
  const done = asObjects(todos).filter(({ status }) => isDoneTodo(status)).length;
  return { total: todos.length, done };
}

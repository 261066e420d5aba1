import type { Session } from '../../domain/session/session.ts';
import { ownTurn } from '../../system/clock.ts';
import { asText, asTime, at, type JsonObject } from '../json.ts';
import { eachOf } from './bounded-fetch.ts';
import type { ContentKeeper } from './connection.ts';
import type { ServerEvent } from './event-wire.ts';
import type { HostedSessions } from './hosted-sessions.ts';
import { newestMessages } from './newest-messages.ts';
import type { OpencodeApi } from './opencode-api.ts';
import { RemoteConversation } from './remote-conversation.ts';
import { type RemoteRecord, remoteSession, todoCount } from './remote-session.ts';

/** Of so many sessions, those updated last, the messages are read at once; of others when something happens in them. */
const readAtOnce = 30;
/** How many messages of a session, the newest, and how many where those are too long together. */
const amounts = [12, 3, 1];

/** The sessions of a server whose database is not at hand: listed and read when it is found, kept by its events. */
export class RemoteContent implements ContentKeeper {
  readonly #records = new Map<string, RemoteRecord>();
  /** What happened in sessions whose messages are being read: it is newer than the answer. */
  readonly #meanwhile = new Map<string, ServerEvent[]>();
  readonly #hosted: () => HostedSessions;
  readonly #onChange: () => void;

  /** `onChange` is called when something came that no event announced. */
  constructor(hosted: () => HostedSessions, onChange: () => void) {
    this.#hosted = hosted;
    this.#onChange = onChange;
  }

  /** All sessions by id, subagents' too. */
  sessions(): ReadonlyMap<string, Session> {
    const sessions = new Map<string, Session>();
    for (const [id, record] of this.#records) {
      const session = remoteSession(record, this.#hosted().get(id)?.activity);
      if (session !== undefined) sessions.set(id, session);
    }
    return sessions;
  }

  has(sessionId: string): boolean {
    return this.#records.has(sessionId);
  }

  async listed(api: OpencodeApi, listed: readonly JsonObject[]): Promise<void> {
    const ids = listed.map(({ id }) => asText(id)).filter((id) => id !== undefined);
    for (const id of this.#records.keys()) if (!ids.includes(id)) this.#records.delete(id);
    for (const info of listed) this.#learn(info);
    const unread = ids.slice(0, readAtOnce).filter((id) => this.#mayHaveChanged(id));
    await eachOf(unread, (id) => this.#read(api, id));
  }

  happened(event: ServerEvent, api: OpencodeApi): boolean {
    const { sessionId } = event;
    if (event.kind === 'session') {
      this.#learn(event.info);
      return true;
    }
    if (event.kind === 'session-gone') return this.#records.delete(sessionId);
    const record = this.#records.get(sessionId);
    if (record === undefined) return false;
    if (event.kind === 'todos') {
      this.#records.set(sessionId, { ...record, todos: todoCount(event.todos) });
      return true;
    }
    const meanwhile = this.#meanwhile.get(sessionId);
    meanwhile?.push(event);
    if (record.conversation === undefined && meanwhile === undefined) {
      // A failure to read what is shown beside the state is not worth a word: the next event may do better.
      void this.#read(api, sessionId).then(this.#onChange, () => undefined);
      return false;
    }
    return record.conversation !== undefined && keep(record.conversation, event);
  }

  /** A session's own time is that of its last prompt, and of its last end: meanwhile it works. */
  #mayHaveChanged(id: string): boolean {
    const record = this.#records.get(id);
    const isAtWork = (this.#hosted().get(id)?.activity.kind ?? 'idle') !== 'idle';
    return isAtWork || record?.conversation === undefined || record.readOfMs !== updatedAtMs(record);
  }

  #learn(info: JsonObject): void {
    const id = asText(info.id);
    if (id !== undefined) this.#records.set(id, { ...this.#records.get(id), info });
  }

  async #read(api: OpencodeApi, id: string): Promise<void> {
    const meanwhile: ServerEvent[] = [];
    this.#meanwhile.set(id, meanwhile);
    const before = this.#records.get(id);
    try {
      const messages = await newestMessages(api, id, amounts);
      const todos = todoCount(await api.todos(id));
      await ownTurn();
      const record = this.#records.get(id);
      if (record === undefined) return;
      const conversation = new RemoteConversation();
      conversation.take(messages);
      for (const event of meanwhile) keep(conversation, event);
      this.#records.set(id, {
        ...record,
        conversation,
        readOfMs: before && updatedAtMs(before),
        ...(todos.total > 0 && { todos }),
      });
    } finally {
      this.#meanwhile.delete(id);
    }
  }
}

function updatedAtMs({ info }: RemoteRecord): number | undefined {
  return asTime(at(info, 'time', 'updated'));
}

function keep(conversation: RemoteConversation, event: ServerEvent): boolean {
  switch (event.kind) {
    case 'message':
      conversation.message(event.info);
      return true;
    case 'part':
      conversation.part(event.part, event.atMs);
      return true;
    case 'message-gone':
      conversation.forgetMessage(event.messageId);
      return true;
    case 'part-gone':
      conversation.forgetPart(event.messageId, event.partId);
      return true;
    default:
      return false;
  }
}

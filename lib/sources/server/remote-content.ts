import type { Session } from '../../domain/session/session.ts';
import { ownTurn } from '../../system/clock.ts';
import { asText, asTime, at, type JsonObject } from '../json.ts';
import { forEachLimited } from './bounded-fetch.ts';
import type { ContentStore } from './connection.ts';
import type { ServerEvent } from './event-wire.ts';
import type { HostedSessions } from './hosted-sessions.ts';
import { newestMessages } from './newest-messages.ts';
import type { OpencodeApi } from './opencode-api.ts';
import { RemoteConversation } from './remote-conversation.ts';
import { type RemoteRecord, remoteSession, todoCount } from './remote-session.ts';

/** Messages of the last updated sessions are read after connecting; those of others at their first event. */
const maxInitialReads = 30;
/** How many of the newest messages are requested; the smaller counts are used if the response is too long. */
const counts = [12, 3, 1];

/** The sessions of a server whose database is on another machine: read after connecting, then updated by events. */
export class RemoteContent implements ContentStore {
  readonly #records = new Map<string, RemoteRecord>();
  /** Events of sessions whose messages are being read: these events are newer than the response. */
  readonly #eventsDuringRead = new Map<string, ServerEvent[]>();
  /** Sessions whose messages changed while they were being read. */
  readonly #changedDuringRead = new Set<string>();
  readonly #hosted: () => HostedSessions;
  readonly #onChange: () => void;

  /** `onChange` is called when messages were read. */
  constructor(hosted: () => HostedSessions, onChange: () => void) {
    this.#hosted = hosted;
    this.#onChange = onChange;
  }

  /** Returns all sessions by id, including those of subagents. */
  sessions(): ReadonlyMap<string, Session> {
    const sessions = new Map<string, Session>();
    for (const [id, record] of this.#records) {
      const session = remoteSession(record, this.#hosted().get(id)?.activity);
      if (session !== undefined) sessions.set(id, session);
    }
    return sessions;
  }

  /** True if the server listed or reported the session. */
  has(sessionId: string): boolean {
    return this.#records.has(sessionId);
  }

  /** Takes the list of sessions and reads the messages of those that may have changed. Rejects as the API does. */
  async applyList(api: OpencodeApi, listed: readonly JsonObject[]): Promise<void> {
    const ids = listed.map(({ id }) => asText(id)).filter((id) => id !== undefined);
    for (const id of this.#records.keys()) if (!ids.includes(id)) this.#records.delete(id);
    for (const info of listed) this.#storeInfo(info);
    const unread = ids.slice(0, maxInitialReads).filter((id) => this.#mayHaveChanged(id));
    await forEachLimited(unread, (id) => this.#read(api, id));
  }

  /** Applies an event; returns true if it changed a stored session. */
  applyEvent(event: ServerEvent, api: OpencodeApi): boolean {
    const { sessionId } = event;
    if (event.kind === 'session') {
      this.#storeInfo(event.info);
      return true;
    }
    if (event.kind === 'session-gone') return this.#records.delete(sessionId);
    const record = this.#records.get(sessionId);
    if (record === undefined) return false;
    if (event.kind === 'messages-changed') {
      this.#readAgain(api, sessionId);
      return false;
    }
    if (event.kind === 'todos') {
      this.#records.set(sessionId, { ...record, todos: todoCount(event.todos) });
      return true;
    }
    const eventsDuringRead = this.#eventsDuringRead.get(sessionId);
    eventsDuringRead?.push(event);
    if (record.conversation === undefined && eventsDuringRead === undefined) {
      // A failure to read messages is not reported, since the state does not depend on them. The next event retries.
      void this.#read(api, sessionId).then(this.#onChange, () => undefined);
      return false;
    }
    return record.conversation !== undefined && applyTo(record.conversation, event);
  }

  /** The server updates a session's time only at a prompt and at a turn's end, so a working session is always read. */
  #mayHaveChanged(id: string): boolean {
    const record = this.#records.get(id);
    const isAtWork = (this.#hosted().get(id)?.activity.kind ?? 'idle') !== 'idle';
    return (
      isAtWork || record?.conversation === undefined || record.updatedBeforeReadMs !== updatedAtMs(record)
    );
  }

  #storeInfo(info: JsonObject): void {
    const id = asText(info.id);
    if (id !== undefined) this.#records.set(id, { ...this.#records.get(id), info });
  }

  /** Reads a session's messages, once more if they change meanwhile. The next event retries after a failure. */
  #readAgain(api: OpencodeApi, id: string): void {
    if (this.#eventsDuringRead.has(id)) {
      this.#changedDuringRead.add(id);
      return;
    }
    void this.#read(api, id).then(
      () => {
        this.#onChange();
        if (this.#changedDuringRead.delete(id)) this.#readAgain(api, id);
      },
      () => this.#changedDuringRead.delete(id),
    );
  }

  async #read(api: OpencodeApi, id: string): Promise<void> {
    const eventsDuringRead: ServerEvent[] = [];
    this.#eventsDuringRead.set(id, eventsDuringRead);
    const before = this.#records.get(id);
    try {
      const messages = await newestMessages(api, id, counts);
      const todos = todoCount(await api.todos(id));
      await ownTurn();
      const record = this.#records.get(id);
      if (record === undefined) return;
      const conversation = new RemoteConversation();
      conversation.addAll(messages);
      for (const event of eventsDuringRead) applyTo(conversation, event);
      this.#records.set(id, {
        ...record,
        conversation,
        updatedBeforeReadMs: before && updatedAtMs(before),
        ...(todos.total > 0 && { todos }),
      });
    } finally {
      this.#eventsDuringRead.delete(id);
    }
  }
}

function updatedAtMs({ info }: RemoteRecord): number | undefined {
  return asTime(at(info, 'time', 'updated'));
}

/** Applies an event to a conversation; returns false if the event is not about messages. */
function applyTo(conversation: RemoteConversation, event: ServerEvent): boolean {
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

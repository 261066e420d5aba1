import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { HistoryMessage, SessionDetail, TodoItem } from '../../domain/session/session-detail.ts';
import { sanitize } from '../../text/sanitize.ts';
import { asDisplay, asObjects, asText, asTime, at, type JsonObject } from '../json.ts';
import { historyMessage, roleName } from '../opencode/history-rows.ts';
import { newestMessages } from './newest-messages.ts';
import type { OpencodeApi, WireMessage } from './opencode-api.ts';

/** The content of a session at one revision of it. */
interface Read {
  readonly revision: string;
  readonly messages: readonly HistoryMessage[];
  readonly todos: readonly TodoItem[];
}

/** How many of the newest messages are requested; the smaller counts are used if the response is too long. */
const counts = [60, 20, 5, 1];

/**
 * The conversation of a named server's session whose detail log is open. Requested when the log opens and when the
 * session changes; the last response stays until the next one arrives, and also if the server is away.
 */
export class RemoteDetails {
  readonly #findApi: (sessionId: string) => OpencodeApi | undefined;
  readonly #onChange: () => void;
  #open: { readonly sessionId: string; requested: string; read?: Read } | undefined;

  /** `onChange` is called when a response was read. */
  constructor(findApi: (sessionId: string) => OpencodeApi | undefined, onChange: () => void) {
    this.#findApi = findApi;
    this.#onChange = onChange;
  }

  /** Returns the last read details, or undefined before the first response. Requests new ones if `revision` is new. */
  open(sessionId: string, revision: string): SessionDetail | undefined {
    if (this.#open?.sessionId !== sessionId) this.#open = { sessionId, requested: '' };
    const api = this.#findApi(sessionId);
    if (this.#open.requested !== revision && api !== undefined) {
      this.#open.requested = revision;
      // A failure is ignored here: the status of the host reports it.
      void this.#read(sessionId, revision, api).then(this.#onChange, () => undefined);
    }
    const { read } = this.#open;
    return read && { sessionId, messageCount: read.messages.length, todos: read.todos };
  }

  /** Returns `count` of the read messages, starting at index `from`, oldest first. */
  messages(sessionId: string, from: number, count: number): readonly HistoryMessage[] {
    const read = this.#open?.sessionId === sessionId ? this.#open.read : undefined;
    return read?.messages.slice(from, from + count) ?? [];
  }

  /** Returns the revision of the session that was read last, or '' if none was. */
  revision(sessionId: string): string {
    return (this.#open?.sessionId === sessionId && this.#open.read?.revision) || '';
  }

  async #read(sessionId: string, revision: string, api: OpencodeApi): Promise<void> {
    const messages = await newestMessages(api, sessionId, counts);
    const todos = asObjects(await api.todos(sessionId)).flatMap(todoOf);
    if (this.#open?.sessionId !== sessionId) return;
    this.#open.read = { revision, messages: messages.map(historyOf), todos };
  }
}

function historyOf({ info, parts }: WireMessage): HistoryMessage {
  const createdAtMs = asTime(at(info, 'time', 'created'));
  const row = { id: asText(info.id) ?? '', createdAtMs, updatedAtMs: undefined, sizeBytes: 0, data: info };
  return historyMessage(row, roleName(info.role), parts);
}

function todoOf(todo: JsonObject): TodoItem[] {
  const content = asDisplay(todo.content);
  if (content === undefined) return [];
  const status = asDisplay(todo.status) ?? sanitize('pending');
  return [omitUndefined({ content, status, priority: asDisplay(todo.priority) })];
}

import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { HistoryMessage, SessionDetail, TodoItem } from '../../domain/session/session-detail.ts';
import { sanitize } from '../../text/sanitize.ts';
import { asDisplay, asObjects, asText, asTime, at, type JsonObject } from '../json.ts';
import { historyMessage, roleName } from '../opencode/history-rows.ts';
import { newestMessages } from './newest-messages.ts';
import type { OpencodeApi, WireMessage } from './opencode-api.ts';

/** What was read of a session, and of which change of it. */
interface Read {
  readonly change: string;
  readonly messages: readonly HistoryMessage[];
  readonly todos: readonly TodoItem[];
}

/** How many of the newest messages are asked for, and how many where those are too long together. */
const amounts = [60, 20, 5, 1];

/**
 * The conversation of a session that a named server has, for the one whose detail log is open: asked for when it is
 * opened and when it changed. What was read last is shown meanwhile, and stays where the server cannot be asked.
 */
export class RemoteDetails {
  readonly #findApi: (sessionId: string) => OpencodeApi | undefined;
  readonly #onChange: () => void;
  #open: { readonly sessionId: string; asked: string; read?: Read } | undefined;

  /** `onChange` is called when something was read. */
  constructor(findApi: (sessionId: string) => OpencodeApi | undefined, onChange: () => void) {
    this.#findApi = findApi;
    this.#onChange = onChange;
  }

  /** What is known of a session that stands at this change; undefined before anything was read. */
  open(sessionId: string, change: string): SessionDetail | undefined {
    if (this.#open?.sessionId !== sessionId) this.#open = { sessionId, asked: '' };
    const api = this.#findApi(sessionId);
    if (this.#open.asked !== change && api !== undefined) {
      this.#open.asked = change;
      // Its host's own line says what is wrong with a server; here what was read before stays.
      void this.#read(sessionId, change, api).then(this.#onChange, () => undefined);
    }
    const { read } = this.#open;
    return read && { sessionId, messageCount: read.messages.length, todos: read.todos };
  }

  /** Messages `from` to `from + count` of those that were read, oldest first. */
  messages(sessionId: string, from: number, count: number): readonly HistoryMessage[] {
    const read = this.#open?.sessionId === sessionId ? this.#open.read : undefined;
    return read?.messages.slice(from, from + count) ?? [];
  }

  /** Changes whenever more was read. */
  revision(sessionId: string): string {
    return (this.#open?.sessionId === sessionId && this.#open.read?.change) || '';
  }

  async #read(sessionId: string, change: string, api: OpencodeApi): Promise<void> {
    const messages = await newestMessages(api, sessionId, amounts);
    const todos = asObjects(await api.todos(sessionId)).flatMap(todoOf);
    if (this.#open?.sessionId !== sessionId) return;
    this.#open.read = { change, messages: messages.map(historyOf), todos };
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

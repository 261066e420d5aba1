import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type NativeDatabase, readCopy } from '../support/native-sqlite.ts';

/** A root session in the database, read with real SQLite. */
export interface SessionTruth {
  readonly id: string;
  readonly title: string;
  readonly directory: string;
  /** All texts of the session, joined; they contain the typed words. */
  readonly text: string;
  readonly tokens: { readonly input: number; readonly output: number };
  readonly cost: number;
  /** Context size: the tokens of the last answer with output. */
  readonly contextTokens: number | undefined;
  readonly todos: number;
  readonly messages: number;
}

interface Message {
  readonly role: string;
  readonly cost?: number;
  readonly tokens?: {
    readonly input: number;
    readonly output: number;
    readonly reasoning: number;
    readonly cache: { readonly read: number; readonly write: number };
  };
}

function sessionTruth(database: NativeDatabase, row: Record<string, unknown>): SessionTruth {
  const id = String(row.id);
  const all = (sql: string): Record<string, unknown>[] =>
    database.prepare(sql).all(id) as Record<string, unknown>[];
  const messages = all('SELECT data FROM message WHERE session_id = ? ORDER BY id').map(
    (each) => JSON.parse(String(each.data)) as Message,
  );
  const texts = all(
    "SELECT json_extract(data, '$.text') AS text FROM part WHERE session_id = ? AND json_extract(data, '$.type') = 'text'",
  );
  const counted = messages.filter((message) => message.role === 'assistant').map((message) => message.tokens);
  const last = counted.filter((tokens) => (tokens?.output ?? 0) > 0).at(-1);
  const sum = (pick: (message: Message) => number | undefined): number =>
    messages.reduce((total, message) => total + (pick(message) ?? 0), 0);
  return {
    id,
    title: String(row.title),
    directory: String(row.directory),
    text: texts.map((each) => String(each.text)).join('\n'),
    tokens: { input: sum((each) => each.tokens?.input), output: sum((each) => each.tokens?.output) },
    cost: sum((each) => (each.role === 'assistant' ? each.cost : 0)),
    contextTokens: last && last.input + last.output + last.reasoning + last.cache.read + last.cache.write,
    todos: all('SELECT content FROM todo WHERE session_id = ?').length,
    messages: messages.length,
  };
}

/**
 * Reads a copy of the database and its -wal, so that SQLite never opens opencode's own files. Returns undefined if a write
 * made the copy inconsistent; the caller tries again.
 */
function readOnce<T>(
  databasePath: string,
  scratch: string,
  read: (database: NativeDatabase) => T,
): T | undefined {
  try {
    return readCopy(databasePath, read, scratch);
  } catch {
    return undefined;
  }
}

/** Reads a copy of the database in `scratch`; resolves with undefined if there is none, or if it never stands still. */
export async function readDatabase<T>(
  databasePath: string,
  scratch: string,
  read: (database: NativeDatabase) => T,
): Promise<T | undefined> {
  for (let tries = 0; tries < 10; tries += 1) {
    const found = readOnce(databasePath, scratch, read);
    if (found !== undefined) return found;
    await sleep(100);
  }
  return undefined;
}

/** Returns all root sessions, or an empty array if there is no database. Makes temporary copies in `scratch`. */
export async function readSessions(
  databasePath: string,
  scratch = tmpdir(),
): Promise<readonly SessionTruth[]> {
  const sessions = await readDatabase(databasePath, scratch, (database) => {
    const rows = database.prepare('SELECT id, title, directory FROM session WHERE parent_id IS NULL').all();
    return rows.map((row) => sessionTruth(database, row));
  });
  return sessions ?? [];
}

/** Returns the session whose prompt contains this word, or undefined if there is none. */
export function sessionWithWord(sessions: readonly SessionTruth[], word: string): SessionTruth | undefined {
  return sessions.find((session) => session.text.includes(`${word} please`));
}

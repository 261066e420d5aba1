import type { NativeDatabase } from '../../support/native-sqlite.ts';
import { readDatabase } from '../database-truth.ts';
import type { Sandbox } from '../sandbox.ts';

/** A session of the preview in its database, read with real SQLite (opencode-2.md, "Tables of the builds"). */
export interface StoredSession {
  readonly id: string;
  readonly title: string;
  readonly directory: string;
  /** Sums over the messages: the sums in the session's own row stay 0. */
  readonly tokens: { readonly input: number; readonly output: number };
  readonly cost: number;
  /** The model of the newest answer. */
  readonly model: string | undefined;
  /** The tokens of the newest answer with output. */
  readonly contextTokens: number | undefined;
  readonly messages: number;
  readonly todos: number;
  readonly lastPrompt: string | undefined;
  /** The last line of the newest text of the model. */
  readonly lastOutput: string | undefined;
  /** The texts and the results of tools, for what a person answered. */
  readonly text: string;
}

interface Answered {
  readonly model?: { readonly id?: string };
  readonly cost?: number;
  readonly tokens?: {
    readonly input: number;
    readonly output: number;
    readonly reasoning: number;
    readonly cache: { readonly read: number; readonly write: number };
  };
  readonly content?: readonly { readonly type: string; readonly text?: string }[];
}

function lastLineOf({ content = [] }: Answered): string | undefined {
  const lines = content.filter(({ type }) => type === 'text').flatMap(({ text = '' }) => text.split('\n'));
  return lines.map((line) => line.trim()).findLast((line) => line !== '');
}

function storedSession(database: NativeDatabase, row: Record<string, unknown>): StoredSession {
  const id = String(row.id);
  const all = (sql: string): Record<string, unknown>[] =>
    database.prepare(sql).all(id) as Record<string, unknown>[];
  // The order is `seq`: a prompt from the queue keeps the time at which it was sent.
  const rows = all('SELECT type, data FROM session_message WHERE session_id = ? ORDER BY seq');
  const ofType = (wanted: string) =>
    rows.filter(({ type }) => type === wanted).map(({ data }) => String(data));
  const answers = ofType('assistant').map((data) => JSON.parse(data) as Answered);
  const prompts = ofType('user').map((data) => (JSON.parse(data) as { readonly text: string }).text);
  const sum = (pick: (answer: Answered) => number | undefined): number =>
    answers.reduce((total, answer) => total + (pick(answer) ?? 0), 0);
  const last = answers.findLast(({ tokens }) => (tokens?.output ?? 0) > 0)?.tokens;
  return {
    id,
    title: String(row.title),
    directory: String(row.directory),
    tokens: { input: sum(({ tokens }) => tokens?.input), output: sum(({ tokens }) => tokens?.output) },
    cost: sum(({ cost }) => cost),
    model: answers.at(-1)?.model?.id,
    contextTokens: last && last.input + last.output + last.reasoning + last.cache.read + last.cache.write,
    messages: answers.length + prompts.length,
    todos: all('SELECT content FROM todo WHERE session_id = ?').length,
    lastPrompt: prompts.at(-1),
    lastOutput: answers.map(lastLineOf).findLast((line) => line !== undefined),
    text: rows.map(({ data }) => String(data)).join('\n'),
  };
}

/** Returns all sessions of the preview's database by id. */
export async function readStored({
  databasePath,
  root,
}: Sandbox): Promise<ReadonlyMap<string, StoredSession>> {
  const sessions = await readDatabase(databasePath, root, (database) => {
    const rows = database.prepare('SELECT id, title, directory FROM session').all() as Record<
      string,
      unknown
    >[];
    return rows.map((row) => storedSession(database, row));
  });
  return new Map((sessions ?? []).map((session) => [session.id, session]));
}

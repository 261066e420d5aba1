import type { Database, SqlJsStatic, SqlValue, Statement } from 'sql.js';
import type { FleetEvent, Json, SessionRow } from './fleet-event.ts';
import { opencodeVersion } from './simulated-session.ts';
import { WalWriter, type WalWriterOptions } from './wal-writer.ts';

type RowEvent = Exclude<FleetEvent, { kind: 'log' }>;

const upserts = {
  project: `insert into project (id, worktree, vcs, time_created, time_updated, sandboxes)
    values (?, ?, 'git', ?, ?, '[]') on conflict do nothing`,
  session: `insert into session (id, project_id, parent_id, slug, directory, path, title, version,
      summary_additions, summary_deletions, summary_files, permission, agent, model, cost, tokens_input, tokens_output,
      tokens_reasoning, tokens_cache_read, tokens_cache_write, time_created, time_updated)
    values (?, ?, ?, ?, ?, ?, ?, '${opencodeVersion}', 0, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (id) do update set title = excluded.title, cost = excluded.cost,
      tokens_input = excluded.tokens_input, tokens_output = excluded.tokens_output,
      tokens_reasoning = excluded.tokens_reasoning, tokens_cache_read = excluded.tokens_cache_read,
      tokens_cache_write = excluded.tokens_cache_write, time_updated = excluded.time_updated`,
  message: `insert into message (id, session_id, time_created, time_updated, data) values (?, ?, ?, ?, cast(? as text))
    on conflict (id) do update set time_updated = excluded.time_updated, data = excluded.data`,
  part: `insert into part (id, message_id, session_id, time_created, time_updated, data) values (?, ?, ?, ?, ?, cast(? as text))
    on conflict (id) do update set time_updated = excluded.time_updated, data = excluded.data`,
  todo: `insert into todo (session_id, content, status, priority, position, time_created, time_updated)
    values (?, ?, ?, ?, ?, ?, ?)`,
  sequence: `insert into event_sequence (aggregate_id, seq) values (?, ?)
    on conflict (aggregate_id) do update set seq = excluded.seq`,
} as const;

/** The fleet's database on disk: applies what its sessions write, one transaction for each batch. */
export class FleetDatabase {
  readonly #writer: WalWriter;
  readonly #statements = new Map<string, Statement>();
  /** `event_sequence.seq` by session: how many writes it has made. */
  readonly #sequence = new Map<string, number>();

  /** Creates the database with what `history` wrote. */
  constructor(sql: SqlJsStatic, path: string, options: WalWriterOptions, history: readonly FleetEvent[]) {
    this.#writer = new WalWriter(sql, path, options);
    this.#writer.commit((database) => database.run(schema));
    this.apply(history);
    this.#writer.commit((database) => database.run(indexes));
  }

  /** Writes the last state of every row that the events touch. */
  apply(events: readonly FleetEvent[]): void {
    const latest = new Map<string, RowEvent>();
    const touched = new Set<string>();
    for (const event of events) {
      if (event.kind === 'log') continue;
      const [key, sessionId] = keyOf(event);
      latest.set(key, event);
      if (sessionId === undefined) continue;
      touched.add(sessionId);
      this.#sequence.set(sessionId, (this.#sequence.get(sessionId) ?? 0) + 1);
    }
    if (latest.size === 0) return;
    this.#writer.commit((database) => {
      for (const event of latest.values()) this.#write(database, event);
      for (const id of touched) {
        const seq = this.#sequence.get(id);
        if (seq !== undefined) this.#run(database, upserts.sequence, [id, seq]);
      }
    });
  }

  close(): void {
    for (const statement of this.#statements.values()) statement.free();
    this.#writer.close();
  }

  #write(database: Database, event: RowEvent): void {
    switch (event.kind) {
      case 'project':
        this.#run(database, upserts.project, [event.id, event.worktree, event.atMs, event.atMs]);
        return;
      case 'session':
        this.#run(database, upserts.session, sessionValues(event.row));
        return;
      case 'message':
        this.#run(database, upserts.message, [
          event.id,
          event.sessionId,
          event.createdMs,
          event.atMs,
          encoded(event.data),
        ]);
        return;
      case 'part':
        this.#run(database, upserts.part, [
          event.id,
          event.messageId,
          event.sessionId,
          event.createdMs,
          event.atMs,
          encoded(event.data),
        ]);
        return;
      case 'todos':
        this.#run(database, 'delete from todo where session_id = ?', [event.sessionId]);
        event.todos.forEach(({ content, status, priority }, position) => {
          const values = [event.sessionId, content, status, priority, position, event.atMs, event.atMs];
          this.#run(database, upserts.todo, values);
        });
        return;
      case 'forgotten':
        this.#forget(database, event.sessionId);
    }
  }

  #forget(database: Database, sessionId: string): void {
    for (const table of ['todo', 'part', 'message'])
      this.#run(database, `delete from ${table} where session_id = ?`, [sessionId]);
    this.#run(database, 'delete from session where id = ?', [sessionId]);
    this.#run(database, 'delete from event_sequence where aggregate_id = ?', [sessionId]);
    this.#sequence.delete(sessionId);
  }

  #run(database: Database, text: string, values: SqlValue[]): void {
    const statement = this.#statements.get(text) ?? database.prepare(text);
    this.#statements.set(text, statement);
    statement.run(values);
  }
}

/** JSON as bytes, to be cast to text: sql.js encodes strings one character after the other, far slower. */
function encoded(data: Json): Uint8Array {
  return Buffer.from(JSON.stringify(data));
}

function keyOf(event: RowEvent): [key: string, sessionId?: string] {
  switch (event.kind) {
    case 'project':
      return [event.id];
    case 'session':
      return [event.row.id, event.row.id];
    case 'todos':
    case 'forgotten':
      return [`${event.kind} ${event.sessionId}`, event.sessionId];
    default:
      return [event.id, event.sessionId];
  }
}

function sessionValues(row: SessionRow): SqlValue[] {
  const { tokens } = row;
  return [
    row.id,
    row.projectId,
    row.parentId ?? null,
    row.slug,
    row.directory,
    row.directory.slice(1),
    row.title,
    row.permission ?? null,
    row.agent,
    JSON.stringify(row.model),
    row.cost,
    tokens.input,
    tokens.output,
    tokens.reasoning,
    tokens.cacheRead,
    tokens.cacheWrite,
    row.createdMs,
    row.updatedMs,
  ];
}

/**
 * The tables of opencode 1.18.33 that a monitor may read, copied from `sqlite3 opencode.db .schema` after
 * `opencode session list` ran offline with an empty data directory. Without the tables for accounts, sharing,
 * workspaces and opencode 2, and without foreign keys, which sql.js does not enforce.
 */
const schema = `
CREATE TABLE \`project\` (
  \`id\` text PRIMARY KEY, \`worktree\` text NOT NULL, \`vcs\` text, \`name\` text, \`icon_url\` text,
  \`icon_url_override\` text, \`icon_color\` text, \`time_created\` integer NOT NULL,
  \`time_updated\` integer NOT NULL, \`time_initialized\` integer, \`sandboxes\` text NOT NULL, \`commands\` text
);
CREATE TABLE \`session\` (
  \`id\` text PRIMARY KEY, \`project_id\` text NOT NULL, \`workspace_id\` text, \`parent_id\` text,
  \`slug\` text NOT NULL, \`directory\` text NOT NULL, \`path\` text, \`title\` text NOT NULL,
  \`version\` text NOT NULL, \`share_url\` text, \`summary_additions\` integer, \`summary_deletions\` integer,
  \`summary_files\` integer, \`summary_diffs\` text, \`metadata\` text, \`cost\` real DEFAULT 0 NOT NULL,
  \`tokens_input\` integer DEFAULT 0 NOT NULL, \`tokens_output\` integer DEFAULT 0 NOT NULL,
  \`tokens_reasoning\` integer DEFAULT 0 NOT NULL, \`tokens_cache_read\` integer DEFAULT 0 NOT NULL,
  \`tokens_cache_write\` integer DEFAULT 0 NOT NULL, \`revert\` text, \`permission\` text, \`agent\` text,
  \`model\` text, \`time_created\` integer NOT NULL, \`time_updated\` integer NOT NULL,
  \`time_compacting\` integer, \`time_archived\` integer
);
CREATE TABLE \`message\` (
  \`id\` text PRIMARY KEY, \`session_id\` text NOT NULL, \`time_created\` integer NOT NULL,
  \`time_updated\` integer NOT NULL, \`data\` text NOT NULL
);
CREATE TABLE \`part\` (
  \`id\` text PRIMARY KEY, \`message_id\` text NOT NULL, \`session_id\` text NOT NULL,
  \`time_created\` integer NOT NULL, \`time_updated\` integer NOT NULL, \`data\` text NOT NULL
);
CREATE TABLE \`todo\` (
  \`session_id\` text NOT NULL, \`content\` text NOT NULL, \`status\` text NOT NULL, \`priority\` text NOT NULL,
  \`position\` integer NOT NULL, \`time_created\` integer NOT NULL, \`time_updated\` integer NOT NULL,
  CONSTRAINT \`todo_pk\` PRIMARY KEY(\`session_id\`, \`position\`)
);
CREATE TABLE \`permission\` (
  \`id\` text PRIMARY KEY, \`project_id\` text NOT NULL, \`action\` text NOT NULL, \`resource\` text NOT NULL,
  \`time_created\` integer NOT NULL, \`time_updated\` integer NOT NULL
);
CREATE TABLE \`event_sequence\` (\`aggregate_id\` text PRIMARY KEY, \`seq\` integer NOT NULL, \`owner_id\` text);
CREATE TABLE \`migration\` (id TEXT PRIMARY KEY, time_completed INTEGER NOT NULL);
INSERT INTO migration VALUES ('20260127222353_familiar_lady_ursula', 0);
`;

/** The indexes on those tables. Creating them after the first rows costs less than updating them at each row. */
const indexes = `
CREATE INDEX \`message_session_time_created_id_idx\` ON \`message\` (\`session_id\`,\`time_created\`,\`id\`);
CREATE INDEX \`part_message_id_id_idx\` ON \`part\` (\`message_id\`,\`id\`);
CREATE INDEX \`part_session_idx\` ON \`part\` (\`session_id\`);
CREATE INDEX \`session_project_idx\` ON \`session\` (\`project_id\`);
CREATE INDEX \`session_workspace_idx\` ON \`session\` (\`workspace_id\`);
CREATE INDEX \`session_parent_idx\` ON \`session\` (\`parent_id\`);
CREATE INDEX \`todo_session_idx\` ON \`todo\` (\`session_id\`);
`;

import { processedTokens, type TokenSample } from '../../domain/board/history.ts';
import type { HistoryMessage, SessionDetail } from '../../domain/session/session-detail.ts';
import { type DatabaseReader, openDatabaseReader, type SnapshotView } from '../sqlite/snapshot.ts';
import type { SqlEngine } from '../sqlite/sql-engine.ts';
import { readCompleted, readDetail, readHistory, type TimeSpan } from './history-rows.ts';
import { tokensOf } from './message-row.ts';
import { readSchemaVersion, type SchemaVersion } from './schema-version.ts';
import { tablesOf } from './session-tables.ts';

/** A session and the path of its database. */
export interface SessionPlace {
  readonly id: string;
  readonly databasePath: string;
}

/**
 * Reads details that the Board does not have: the todos, messages and token history of single sessions, from the
 * current state of the database. It has its own readers, so that it does not consume changes that the Board's readers
 * must see.
 */
export class SessionDetails {
  readonly #engine: SqlEngine;
  readonly #readers = new Map<string, DatabaseReader>();

  constructor(engine: SqlEngine) {
    this.#engine = engine;
  }

  /** The number of messages and the todos; undefined if the session or its database cannot be read now. */
  open(place: SessionPlace): SessionDetail | undefined {
    return this.#query(place.databasePath, (view, schemaVersion) =>
      readDetail(view, schemaVersion, place.id),
    );
  }

  /**
   * Messages `from` to `from + count` (exclusive), oldest first; none if they cannot be read now. Request only visible
   * ones.
   */
  messages(place: SessionPlace, from: number, count: number): readonly HistoryMessage[] {
    const read = (view: SnapshotView, schemaVersion: SchemaVersion) =>
      readHistory(view, schemaVersion, place.id, { from, count });
    return this.#query(place.databasePath, read) ?? [];
  }

  /**
   * The tokens of the assistant messages that each session completed in [fromMs, toMs) (epoch ms). They fill the
   * history of tokens per minute at start. Sessions of a database that cannot be read are left out.
   */
  tokenHistory(
    places: readonly SessionPlace[],
    fromMs: number,
    toMs: number,
  ): ReadonlyMap<string, TokenSample[]> {
    const history = new Map<string, TokenSample[]>();
    for (const path of new Set(places.map((place) => place.databasePath))) {
      const ids = places.filter((place) => place.databasePath === path).map((place) => place.id);
      const read = (view: SnapshotView, schemaVersion: SchemaVersion) =>
        ids.map((id) => [id, samplesOf(view, schemaVersion, id, { fromMs, toMs })] as const);
      for (const [id, samples] of this.#query(path, read) ?? []) history.set(id, samples);
    }
    return history;
  }

  /** Closes all readers. */
  close(): void {
    for (const reader of this.#readers.values()) reader.close();
    this.#readers.clear();
  }

  #query<T>(path: string, query: (view: SnapshotView, schemaVersion: SchemaVersion) => T): T | undefined {
    const reader = this.#readers.get(path) ?? openDatabaseReader(path, this.#engine);
    this.#readers.set(path, reader);
    const outcome = reader.read(
      (view) => {
        const reading = readSchemaVersion(view);
        return reading.kind === 'known' ? query(view, reading.schemaVersion) : undefined;
      },
      { force: true },
    );
    return outcome.kind === 'read' ? outcome.value : undefined;
  }
}

function samplesOf(
  view: SnapshotView,
  schemaVersion: SchemaVersion,
  id: string,
  span: TimeSpan,
): TokenSample[] {
  const messages = tablesOf(view, schemaVersion, id)?.messages;
  if (messages === undefined) return [];
  return readCompleted(view, messages, id, span).flatMap(({ completedAtMs, data }) => {
    const tokens = tokensOf(data);
    return tokens === undefined ? [] : [{ atMs: completedAtMs, tokens: processedTokens(tokens) }];
  });
}

import type { Elsewhere, HostStatus, MachineFigures, Row } from '../../domain/board/board.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import { aliveRow, boardLine, lineSchema } from '../../domain/schema/events.ts';
import { entrySchema, sessionsSchemaVersion } from '../../domain/schema/sessions.ts';
import { ownTurn } from '../../system/clock.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import { asDisplay, asNumber, asObject, asObjects, type JsonObject, parseObject } from '../json.ts';
import { readField } from '../read-json.ts';
import { ClockDifference, shiftTimes } from '../server/clock-difference.ts';
import { ServerFailure } from '../server/failure.ts';
import { refreshedRow, rowOfEntry, tokensOf } from './row-of-entry.ts';

/** The maximum number of rows of one machine; more would not be useful. */
const maxRows = 1000;
const lineTypes = lineSchema.anyOf.map(({ properties }) => properties.type.const);
/** A line of up to this many characters is parsed without yielding to the event loop first. */
const smallLineChars = 16 * 1024;
/** Rows decoded per turn of the event loop; one row takes 0.1 ms. */
const rowsPerTurn = 50;
/** The maximum number of unknown lines; a login shell may print some before otop starts. */
const maxUnknownLines = 50;

/** The rows of another machine, built from the lines of one connection (the output of `otop sessions --watch`). */
export class HostBoard {
  readonly #host: DisplayText;
  readonly #by: Elsewhere['by'];
  readonly #clocks = new ClockDifference();
  #rows = new Map<string, Row>();
  /** The machine's own name. Rows with another host (machines that it follows itself) are ignored. */
  #ownName: string | undefined;
  #machineId: string | undefined;
  #figures: MachineFigures = {};
  #unknownLineCount = 0;
  #cachedRows: { readonly aheadMs: number; readonly rows: readonly Row[] } | undefined;
  /** A cache of rows converted to the local clock, valid while the clock difference stays the same. */
  #converted = { aheadMs: 0, rows: new WeakMap<Row, Row>() };

  /** `host` is the user's name for the machine. */
  constructor(host: DisplayText, by: Elsewhere['by']) {
    this.#host = host;
    this.#by = by;
  }

  /** True once the complete Board has arrived. */
  get isWhole(): boolean {
    return this.#ownName !== undefined;
  }

  /**
   * Processes a line that arrived at `nowMs`; yields to the event loop during a long one. Rejects with a
   * ServerFailure if the sender cannot be otop, or has another schema version.
   */
  async take(text: string, nowMs: number): Promise<void> {
    if (text.length > smallLineChars) await ownTurn();
    const line = parseObject(text);
    const atMs = readField(boardLine, line, 'at_ms');
    if (line === undefined || atMs === undefined || (!this.isWhole && line.type !== 'board')) {
      this.#rejectLine();
      return;
    }
    this.#clocks.add(atMs, nowMs);
    switch (lineTypes.find((type) => type === line.type)) {
      case 'board':
        await this.#begin(line, atMs);
        break;
      case 'changed':
        this.#put(this.#rows, asObject(line.row), atMs);
        break;
      case 'removed':
        this.#rows.delete(String(line.key));
        break;
      case 'alive':
        this.#refresh(line, atMs);
        break;
    }
    this.#figures = remoteTotals(line, this.#figures);
    this.#cachedRows = undefined;
  }

  /** The machine's id and totals, as far as it has sent them. */
  machine(): Pick<HostStatus, 'machineId' | 'figures'> {
    return omitUndefined({ machineId: asDisplay(this.#machineId), figures: this.#figures });
  }

  /** The machine's rows, with times by the local clock. */
  rows(): readonly Row[] {
    const { aheadMs } = this.#clocks;
    if (this.#cachedRows?.aheadMs !== aheadMs) {
      const rows = [...this.#rows.values()];
      this.#cachedRows = {
        aheadMs,
        rows: aheadMs === 0 ? rows : rows.map((row) => this.#toLocalClock(row, aheadMs)),
      };
    }
    return this.#cachedRows.rows;
  }

  #toLocalClock(row: Row, aheadMs: number): Row {
    if (this.#converted.aheadMs !== aheadMs) this.#converted = { aheadMs, rows: new WeakMap() };
    const converted = this.#converted.rows.get(row) ?? shiftTimes(row, aheadMs);
    this.#converted.rows.set(row, converted);
    return converted;
  }

  async #begin(line: JsonObject, atMs: number): Promise<void> {
    const version = asNumber(line.schema_version);
    if (version !== sessionsSchemaVersion) {
      throw new ServerFailure(
        `its otop writes version ${version ?? '?'} of the JSON lines, this one reads version ${sessionsSchemaVersion}: update the older one`,
      );
    }
    this.#ownName = readField(boardLine, line, 'host') ?? '';
    this.#machineId = readField(boardLine, line, 'machine_id');
    const rows = new Map<string, Row>();
    for (const [index, entry] of asObjects(line.rows).entries()) {
      if (index % rowsPerTurn === rowsPerTurn - 1) await ownTurn();
      this.#put(rows, entry, atMs);
    }
    this.#rows = rows;
  }

  #put(rows: Map<string, Row>, entry: JsonObject | undefined, atMs: number): void {
    const key = readField(entrySchema, entry, 'key');
    if (entry === undefined || key === undefined || entry.host !== this.#ownName) return;
    const row = rowOfEntry(entry, { host: this.#host, by: this.#by, atMs });
    if (row === undefined) rows.delete(key);
    else if (rows.has(key) || rows.size < maxRows) rows.set(key, row);
  }

  #refresh(line: JsonObject, atMs: number): void {
    for (const entry of asObjects(line.rows)) {
      const key = readField(aliveRow, entry, 'key');
      const row = key === undefined ? undefined : this.#rows.get(key);
      if (key !== undefined && row !== undefined) this.#rows.set(key, refreshedRow(row, entry, atMs));
    }
  }

  #rejectLine(): void {
    this.#unknownLineCount += 1;
    if (this.#unknownLineCount > maxUnknownLines) throw new ServerFailure('its lines are not those of otop');
  }
}

/** Returns the totals of another machine: those of the line, else the ones before. */
function remoteTotals(line: JsonObject, before: MachineFigures): MachineFigures {
  const {
    session_count,
    message_count = 0,
    tokens: ownTokens,
    cost,
  } = readField(boardLine, line, 'today') ?? {};
  const tokens = tokensOf(ownTokens);
  return omitUndefined({
    today:
      session_count === undefined || tokens === undefined
        ? before.today
        : omitUndefined({ sessionCount: session_count, messageCount: message_count, tokens, cost }),
    tokensPerMinute: readField(boardLine, line, 'tokens_per_minute') ?? before.tokensPerMinute,
  });
}

import type { Elsewhere, HostStatus, MachineFigures, Row } from '../../domain/board/board.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import { aliveRow, boardLine, lineSchema } from '../../domain/schema/events.ts';
import { entrySchema, sessionsSchemaVersion } from '../../domain/schema/sessions.ts';
import { ownTurn } from '../../system/clock.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import { asDisplay, asNumber, asObject, asObjects, type JsonObject, parseObject } from '../json.ts';
import { readField } from '../read-json.ts';
import { ClockDifference, setBack } from '../server/clock-difference.ts';
import { ServerFailure } from '../server/failure.ts';
import { refreshedRow, rowOfEntry, tokensOf } from './row-of-entry.ts';

/** Of one machine; nobody looks at more. */
const mostRows = 1000;
const lineTypes = lineSchema.anyOf.map(({ properties }) => properties.type.const);
/** A line of so many characters is parsed in no time. */
const smallChars = 16 * 1024;
/** A row takes 0.1 ms. */
const rowsAtOnce = 50;
/** What a login shell may print before otop is even started. */
const mostStrangeLines = 50;

/** What one connection to another machine's otop has told, line by line: those of `otop sessions --watch`. */
export class HostBoard {
  readonly #host: DisplayText;
  readonly #by: Elsewhere['by'];
  readonly #clocks = new ClockDifference();
  #rows = new Map<string, Row>();
  /** The name that the machine gives itself: rows of others that it follows are not taken from it. */
  #ownName: string | undefined;
  #machineId: string | undefined;
  #figures: MachineFigures = {};
  #strangeLines = 0;
  #shown: { readonly aheadMs: number; readonly rows: readonly Row[] } | undefined;
  /** Rows with their times by our clock, as long as the difference stays. */
  #setBack = { aheadMs: 0, rows: new WeakMap<Row, Row>() };

  /** `host` is what the person calls it. */
  constructor(host: DisplayText, by: Elsewhere['by']) {
    this.#host = host;
    this.#by = by;
  }

  /** True once the whole Board was told. */
  get isWhole(): boolean {
    return this.#ownName !== undefined;
  }

  /**
   * Takes a line that came at `nowMs`, a long one in several turns. Rejects with a ServerFailure where otop cannot be what
   * speaks there.
   */
  async take(text: string, nowMs: number): Promise<void> {
    if (text.length > smallChars) await ownTurn();
    const line = parseObject(text);
    const atMs = readField(boardLine, line, 'at_ms');
    if (line === undefined || atMs === undefined || (!this.isWhole && line.type !== 'board')) {
      this.#strange();
      return;
    }
    this.#clocks.heard(atMs, nowMs);
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
    this.#figures = toldFigures(line, this.#figures);
    this.#shown = undefined;
  }

  /** What it told of itself. */
  machine(): Pick<HostStatus, 'machineId' | 'figures'> {
    return omitUndefined({ machineId: asDisplay(this.#machineId), figures: this.#figures });
  }

  /** Its rows, their times by our clock. */
  rows(): readonly Row[] {
    const { aheadMs } = this.#clocks;
    if (this.#shown?.aheadMs !== aheadMs) {
      const rows = [...this.#rows.values()];
      this.#shown = {
        aheadMs,
        rows: aheadMs === 0 ? rows : rows.map((row) => this.#byOurClock(row, aheadMs)),
      };
    }
    return this.#shown.rows;
  }

  #byOurClock(row: Row, aheadMs: number): Row {
    if (this.#setBack.aheadMs !== aheadMs) this.#setBack = { aheadMs, rows: new WeakMap() };
    const known = this.#setBack.rows.get(row) ?? setBack(row, aheadMs);
    this.#setBack.rows.set(row, known);
    return known;
  }

  async #begin(line: JsonObject, atMs: number): Promise<void> {
    const version = asNumber(line.schema_version);
    if (version !== sessionsSchemaVersion) {
      throw new ServerFailure(
        `its otop speaks version ${version ?? '?'} of the lines and this one ${sessionsSchemaVersion}: update the older`,
      );
    }
    this.#ownName = readField(boardLine, line, 'host') ?? '';
    this.#machineId = readField(boardLine, line, 'machine_id');
    const rows = new Map<string, Row>();
    for (const [index, entry] of asObjects(line.rows).entries()) {
      if (index % rowsAtOnce === rowsAtOnce - 1) await ownTurn();
      this.#put(rows, entry, atMs);
    }
    this.#rows = rows;
  }

  #put(rows: Map<string, Row>, entry: JsonObject | undefined, atMs: number): void {
    const key = readField(entrySchema, entry, 'key');
    if (entry === undefined || key === undefined || entry.host !== this.#ownName) return;
    const row = rowOfEntry(entry, { host: this.#host, by: this.#by, atMs });
    if (row === undefined) rows.delete(key);
    else if (rows.has(key) || rows.size < mostRows) rows.set(key, row);
  }

  #refresh(line: JsonObject, atMs: number): void {
    for (const entry of asObjects(line.rows)) {
      const key = readField(aliveRow, entry, 'key');
      const row = key === undefined ? undefined : this.#rows.get(key);
      if (key !== undefined && row !== undefined) this.#rows.set(key, refreshedRow(row, entry, atMs));
    }
  }

  #strange(): void {
    this.#strangeLines += 1;
    if (this.#strangeLines > mostStrangeLines)
      throw new ServerFailure('what it says is not what otop says there');
  }
}

/** The sums of another machine as far as a line tells them anew, beside those that were told before. */
function toldFigures(line: JsonObject, before: MachineFigures): MachineFigures {
  const { session_count, message_count = 0, tokens: told, cost } = readField(boardLine, line, 'today') ?? {};
  const tokens = tokensOf(told);
  return omitUndefined({
    today:
      session_count === undefined || tokens === undefined
        ? before.today
        : omitUndefined({ sessionCount: session_count, messageCount: message_count, tokens, cost }),
    tokensPerMinute: readField(boardLine, line, 'tokens_per_minute') ?? before.tokensPerMinute,
  });
}

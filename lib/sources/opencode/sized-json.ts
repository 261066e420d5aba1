import { asNumber, asTime, type JsonObject, parseObject } from '../json.ts';
import { readLastColumnHead } from '../sqlite/row-head.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';
import { parseTruncated } from './truncated-json.ts';

/** Tables whose `data` column holds JSON. */
export type JsonTable = 'message' | 'part' | 'session_message';

/** A row's times and size without its data. `octet_length` reads only the record's header, never overflow pages. */
export interface RowStamp {
  readonly id: string;
  readonly createdAtMs: number | undefined;
  readonly updatedAtMs: number | undefined;
  readonly sizeBytes: number;
}

/** A row with its JSON parsed. It need not be read again while its stamp stays the same. */
export interface StampedJson extends RowStamp {
  readonly data: JsonObject | undefined;
}

/** The SQL columns of a RowStamp. */
export const stampColumns = 'id, time_created, time_updated, octet_length(data) as size';

/** Converts a row of `stampColumns` to a RowStamp. */
export function stampOf(row: Readonly<Record<string, unknown>>): RowStamp {
  return {
    id: String(row.id),
    createdAtMs: asTime(row.time_created),
    updatedAtMs: asTime(row.time_updated),
    sizeBytes: asNumber(row.size) ?? 0,
  };
}

/** Up to this size a row is read whole and parsed in JavaScript, which is faster than SQLite's JSON functions. */
const maxWholeBytes = 128 * 1024;
/** Above this size only the row's beginning is read: the type, tool, status and input come before the output. */
const maxFilteredBytes = 1024 * 1024;
const headBytes = 32 * 1024;

/** Large fields without information about the state: outputs, file contents, diffs, responses, images. */
const heavyPaths: Readonly<Record<JsonTable, readonly string[]>> = {
  message: [
    '$.summary.diffs',
    '$.system',
    '$.error.data.responseBody',
    '$.error.data.responseHeaders',
    '$.structured',
  ],
  part: [
    '$.state.output',
    '$.state.attachments',
    '$.state.metadata.output',
    '$.state.metadata.diff',
    '$.state.metadata.filediff',
    '$.state.metadata.diagnostics',
    '$.state.metadata.preview',
    '$.state.input.content',
    '$.state.input.oldString',
    '$.state.input.newString',
    '$.url',
    '$.source',
  ],
  session_message: ['$.files', '$.snapshot', '$.summary.diffs'],
};

/**
 * The JSON of one row; `known` itself if its stamp did not change. Above 128 KB, SQLite removes the heavy fields; above
 * 1 MB, only the row's beginning is parsed. `data` is undefined if the row is no JSON object.
 */
export function readRowJson(
  view: SnapshotView,
  table: JsonTable,
  stamp: RowStamp,
  known: StampedJson | undefined,
): StampedJson {
  if (known !== undefined && known.updatedAtMs === stamp.updatedAtMs && known.sizeBytes === stamp.sizeBytes)
    return known;
  if (stamp.sizeBytes > maxFilteredBytes) {
    return { ...stamp, data: parseTruncated(readLastColumnHead(view, table, stamp.id, headBytes) ?? '') };
  }
  const light = stamp.sizeBytes <= maxWholeBytes ? 'data' : lightData(table);
  const [row] = view.select(`select ${light} as data from ${table} where id = ?`, [stamp.id]);
  return { ...stamp, data: parseObject(row?.data) };
}

/** The JSON of one row by its id; undefined if there is no such row. */
export function readRowJsonOf(view: SnapshotView, table: JsonTable, id: string): StampedJson | undefined {
  const data = `case when octet_length(data) <= ${maxWholeBytes} then data end as data`;
  const [row] = view.select(`select ${stampColumns}, ${data} from ${table} where id = ?`, [id]);
  if (row === undefined) return undefined;
  const stamp = stampOf(row);
  if (stamp.sizeBytes > maxWholeBytes) return readRowJson(view, table, stamp, undefined);
  return { ...stamp, data: parseObject(row.data) };
}

function lightData(table: JsonTable): string {
  const paths = heavyPaths[table].map((path) => `'${path}'`).join(', ');
  return `case when json_valid(data) then json_remove(data, ${paths}) end`;
}

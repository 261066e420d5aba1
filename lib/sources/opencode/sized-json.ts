import { asNumber, asTime, type JsonObject, parseObject } from '../json.ts';
import { readLastColumnHead } from '../sqlite/row-head.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';
import { parseTruncated } from './truncated-json.ts';

/** Tables whose `data` column holds JSON. */
export type JsonTable = 'message' | 'part' | 'session_message';

/** Where a row stands, without its data: `octet_length` reads the record's header only, never its overflow pages. */
export interface RowStamp {
  readonly id: string;
  readonly createdAtMs: number | undefined;
  readonly updatedAtMs: number | undefined;
  readonly sizeBytes: number;
}

/** A row whose JSON was read once; as long as its stamp stays the same it need not be read again. */
export interface StampedJson extends RowStamp {
  readonly data: JsonObject | undefined;
}

/** The columns that make a RowStamp. */
export const stampColumns = 'id, time_created, time_updated, octet_length(data) as size';

/** A row of `stampColumns` as a RowStamp. */
export function stampOf(row: Readonly<Record<string, unknown>>): RowStamp {
  return {
    id: String(row.id),
    createdAtMs: asTime(row.time_created),
    updatedAtMs: asTime(row.time_updated),
    sizeBytes: asNumber(row.size) ?? 0,
  };
}

/** Up to here a row is read whole and parsed here, which is faster than SQLite's JSON functions. */
const maxWholeBytes = 128 * 1024;
/** Above this only the beginning of a row is read: the type, the tool, the status and the input come before the output. */
const maxFilteredBytes = 1024 * 1024;
const headBytes = 32 * 1024;

/** What makes rows large and says nothing of their state: outputs, file contents, diffs, responses, images. */
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
 * The JSON of one row, from `known` where its stamp did not change. A row over 128 KB comes without its heavy fields, cut
 * out by SQLite; of one over 1 MB only what its beginning says; one that is not JSON comes without data.
 */
export function readJson(
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

/** One row by its id; `undefined` where it is not there. */
export function readJsonOf(view: SnapshotView, table: JsonTable, id: string): StampedJson | undefined {
  const data = `case when octet_length(data) <= ${maxWholeBytes} then data end as data`;
  const [row] = view.select(`select ${stampColumns}, ${data} from ${table} where id = ?`, [id]);
  if (row === undefined) return undefined;
  const stamp = stampOf(row);
  if (stamp.sizeBytes > maxWholeBytes) return readJson(view, table, stamp, undefined);
  return { ...stamp, data: parseObject(row.data) };
}

function lightData(table: JsonTable): string {
  const paths = heavyPaths[table].map((path) => `'${path}'`).join(', ');
  return `case when json_valid(data) then json_remove(data, ${paths}) end`;
}

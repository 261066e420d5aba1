import { isInterior, leafKind, localSize, serialLength, uint16, uint32, varint } from './record.ts';
import type { SnapshotView } from './snapshot.ts';

/** No b-tree of SQLite is deeper; a damaged one may go in circles. */
const deepestTree = 20;

/** More than the columns before the last one take: ids and times. */
const otherBytes = 1024;

const utf8 = new TextDecoder();

/**
 * The beginning of the last column of a row, a text, without reading the rest of it: SQLite itself can only read a column
 * whole, and one of 20 MB takes 60 MB of its memory. Walks the table's b-tree (file format, section 1.6) and the first of
 * the row's overflow pages (1.7). `undefined` where the row is not there or the tree makes no sense.
 */
export function readLastColumnHead(
  view: SnapshotView,
  table: string,
  id: string,
  mostBytes: number,
): string | undefined {
  const [found] = view.select(
    `select rowid as place, (select rootpage from sqlite_master where name = ?) as root from ${table} where id = ?`,
    [table, id],
  );
  if (typeof found?.place !== 'number' || typeof found.root !== 'number') return undefined;
  const leaf = leafOf(view, found.root, found.place);
  const cell = leaf === undefined ? undefined : cellOf(leaf, found.place);
  if (leaf === undefined || cell === undefined) return undefined;
  const payload = payloadHead(view, leaf, cell, mostBytes + otherBytes);
  return lastColumn(payload, mostBytes);
}

function leafOf(view: SnapshotView, root: number, rowid: number): Uint8Array | undefined {
  let number = root;
  for (let depth = 0; depth < deepestTree; depth += 1) {
    if (number < 1 || number > view.pageCount) return undefined;
    const page = view.page(number);
    // Tables of opencode never begin on page 1, which alone has another header in front.
    if (leafKind(page, number) === 'table') return page;
    if (!isInterior(page, number)) return undefined;
    number = childOf(page, rowid);
  }
  return undefined;
}

/** Each cell leads to the rows up to its key; what is greater than all of them is at the right-most pointer. */
function childOf(page: Uint8Array, rowid: number): number {
  let low = 0;
  let high = uint16(page, 3);
  while (low < high) {
    const middle = (low + high) >> 1;
    const [key] = varint(page, uint16(page, 12 + middle * 2) + 4);
    if (key < rowid) low = middle + 1;
    else high = middle;
  }
  return low === uint16(page, 3) ? uint32(page, 8) : uint32(page, uint16(page, 12 + low * 2));
}

interface Cell {
  readonly payloadSize: number;
  readonly from: number;
}

function cellOf(page: Uint8Array, rowid: number): Cell | undefined {
  for (let index = 0; index < uint16(page, 3); index += 1) {
    const [payloadSize, keyAt] = varint(page, uint16(page, 8 + index * 2));
    const [key, from] = varint(page, keyAt);
    if (key === rowid) return { payloadSize, from };
  }
  return undefined;
}

function payloadHead(view: SnapshotView, page: Uint8Array, cell: Cell, mostBytes: number): Uint8Array {
  const local = localSize(cell.payloadSize, view.pageSize);
  const pieces = [page.subarray(cell.from, cell.from + local)];
  let next = local < cell.payloadSize ? uint32(page, cell.from + local) : 0;
  for (let got = pieces[0]?.length ?? 0; next > 0 && next <= view.pageCount && got < mostBytes; ) {
    const overflow = view.page(next);
    pieces.push(overflow.subarray(4));
    got += overflow.length - 4;
    next = uint32(overflow, 0);
  }
  return Buffer.concat(pieces);
}

function lastColumn(payload: Uint8Array, mostBytes: number): string | undefined {
  const [headerSize, firstType] = varint(payload, 0);
  if (headerSize < 2 || headerSize > payload.length) return undefined;
  let type = firstType;
  let value = headerSize;
  let length = 0;
  while (type < headerSize) {
    const [serial, after] = varint(payload, type);
    value += length;
    length = serialLength(serial);
    type = after;
  }
  const end = Math.min(value + length, value + mostBytes, payload.length);
  return value < end ? utf8.decode(payload.subarray(value, end)) : undefined;
}

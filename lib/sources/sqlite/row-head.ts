import { isInterior, leafKind, localSize, serialLength, uint16, uint32, varint } from './record.ts';
import type { SnapshotView } from './snapshot.ts';

/** No b-tree of SQLite is deeper, but a damaged one may contain a cycle. */
const maxTreeDepth = 20;

/** More bytes than the columns before the last one take: ids and times. */
const otherBytes = 1024;

const utf8 = new TextDecoder();

/**
 * Reads the start of a row's last column, a text. SQLite only reads a column whole, and one of 20 MB takes 60 MB of its
 * memory. Walks the table's b-tree (file format, section 1.6) and the row's first overflow pages (1.7).
 * Returns `undefined` if there is no such row or the tree is damaged.
 */
export function readLastColumnHead(
  view: SnapshotView,
  table: string,
  id: string,
  maxBytes: number,
): string | undefined {
  const [found] = view.select(
    `select rowid as place, (select rootpage from sqlite_master where name = ?) as root from ${table} where id = ?`,
    [table, id],
  );
  if (typeof found?.place !== 'number' || typeof found.root !== 'number') return undefined;
  const leaf = leafOf(view, found.root, found.place);
  const cell = leaf === undefined ? undefined : cellOf(leaf, found.place);
  if (leaf === undefined || cell === undefined) return undefined;
  const payload = payloadHead(view, leaf, cell, maxBytes + otherBytes);
  return lastColumn(payload, maxBytes);
}

function leafOf(view: SnapshotView, root: number, rowid: number): Uint8Array | undefined {
  let number = root;
  for (let depth = 0; depth < maxTreeDepth; depth += 1) {
    if (number < 1 || number > view.pageCount) return undefined;
    const page = view.page(number);
    // Page 1 alone has a file header before its b-tree header; it is never part of a table of opencode.
    if (leafKind(page, number) === 'table') return page;
    if (!isInterior(page, number)) return undefined;
    number = childOf(page, rowid);
  }
  return undefined;
}

/** Each cell points to the rows up to its key; the right-most pointer leads to all greater rows. */
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

function payloadHead(view: SnapshotView, page: Uint8Array, cell: Cell, maxBytes: number): Uint8Array {
  const local = localSize(cell.payloadSize, view.pageSize);
  const pieces = [page.subarray(cell.from, cell.from + local)];
  let next = local < cell.payloadSize ? uint32(page, cell.from + local) : 0;
  for (let got = pieces[0]?.length ?? 0; next > 0 && next <= view.pageCount && got < maxBytes; ) {
    const overflow = view.page(next);
    pieces.push(overflow.subarray(4));
    got += overflow.length - 4;
    next = uint32(overflow, 0);
  }
  return Buffer.concat(pieces);
}

function lastColumn(payload: Uint8Array, maxBytes: number): string | undefined {
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
  const end = Math.min(value + length, value + maxBytes, payload.length);
  return value < end ? utf8.decode(payload.subarray(value, end)) : undefined;
}

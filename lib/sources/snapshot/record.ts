/**
 * The b-tree pages and the record format of SQLite's file format (sections 1.6 "B-tree Pages" and 2.1 "Record Format"),
 * as far as it takes to read the first columns of each row on a page without asking SQLite.
 */

const indexInterior = 0x02;
const tableInterior = 0x05;
const tableLeaf = 0x0d;
const indexLeaf = 0x0a;

/** The kinds of page whose cells hold records that a change of rows shows up in. */
export type LeafKind = 'table' | 'index';

/** What kind of leaf a page is; `undefined` for interior, overflow, freelist and pointer-map pages. */
export function leafKind(page: Uint8Array, pageNumber: number): LeafKind | undefined {
  const type = page[headerOffset(pageNumber)];
  if (type === tableLeaf) return 'table';
  return type === indexLeaf ? 'index' : undefined;
}

/** True for a b-tree page that only leads to others: what it says of rows is on its leaves too. */
export function isInterior(page: Uint8Array, pageNumber: number): boolean {
  const type = page[headerOffset(pageNumber)];
  return type === tableInterior || type === indexInterior;
}

/**
 * The leading columns of every cell of a leaf page, at most `count` each, and only those that lie wholly on the page
 * (a column that goes on in overflow pages, and all after it, are left out). Text comes as text, integers as numbers,
 * NULL and blobs as `undefined`. Gives `undefined` for a page whose structure makes no sense.
 */
export function leafColumns(page: Uint8Array, pageNumber: number, count: number): LeafColumn[][] | undefined {
  const header = headerOffset(pageNumber);
  const kind = leafKind(page, pageNumber);
  if (kind === undefined) return undefined;
  const cells = uint16(page, header + 3);
  if (header + 8 + cells * 2 > page.length) return undefined;
  const rows: LeafColumn[][] = [];
  for (let cell = 0; cell < cells; cell += 1) {
    const offset = uint16(page, header + 8 + cell * 2);
    const row = cellColumns(page, offset, kind, count);
    if (row === undefined) return undefined;
    rows.push(row);
  }
  return rows;
}

/** A column's value, where it is one that names or times a row. */
export type LeafColumn = string | number | undefined;

function cellColumns(
  page: Uint8Array,
  offset: number,
  kind: LeafKind,
  count: number,
): LeafColumn[] | undefined {
  if (offset < 8 || offset >= page.length) return undefined;
  let [, at] = varint(page, offset);
  if (kind === 'table') [, at] = varint(page, at);
  const [headerSize, firstType] = varint(page, at);
  const headerEnd = at + headerSize;
  if (headerSize < 1 || headerEnd > page.length) return undefined;
  const columns: LeafColumn[] = [];
  let value = headerEnd;
  let type = firstType;
  while (type < headerEnd && columns.length < count) {
    const [serial, next] = varint(page, type);
    const length = serialLength(serial);
    if (value + length > page.length) break;
    columns.push(serialValue(page, value, serial, length));
    value += length;
    type = next;
  }
  return columns;
}

/** The b-tree header of page 1 follows the 100 bytes of the file's own header. */
function headerOffset(pageNumber: number): number {
  return pageNumber === 1 ? 100 : 0;
}

/** Section 1.6: a big-endian base-128 number of up to nine bytes, and the offset after it. Read past the end gives 0s. */
function varint(bytes: Uint8Array, offset: number): [value: number, next: number] {
  let value = 0;
  for (let index = 0; index < 8; index += 1) {
    const byte = bytes[offset + index] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return [value, offset + index + 1];
  }
  return [value * 256 + (bytes[offset + 8] ?? 0), offset + 9];
}

const integerLengths = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

function serialLength(serial: number): number {
  return integerLengths[serial] ?? Math.max(0, Math.floor((serial - 12) / 2));
}

const utf8 = new TextDecoder();

function serialValue(page: Uint8Array, offset: number, serial: number, length: number): LeafColumn {
  if (serial >= 13 && serial % 2 === 1) return utf8.decode(page.subarray(offset, offset + length));
  if (serial === 8 || serial === 9) return serial - 8;
  if (serial < 1 || serial > 6) return undefined;
  let value = ((page[offset] ?? 0) << 24) >> 24;
  for (let index = 1; index < length; index += 1) value = value * 256 + (page[offset + index] ?? 0);
  return value;
}

function uint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

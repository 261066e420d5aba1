/**
 * Parses the b-tree pages and records of SQLite's file format (sections 1.6 "B-tree Pages" and 2.1 "Record Format"),
 * far enough to read the first columns of each row on a page without SQLite.
 */

const indexInterior = 0x02;
const tableInterior = 0x05;
const tableLeaf = 0x0d;
const indexLeaf = 0x0a;

/** The kinds of leaf page; their cells hold the records of a table or an index. */
export type LeafKind = 'table' | 'index';

/** Returns the kind of a leaf page; `undefined` for interior, overflow, freelist and pointer-map pages. */
export function leafKind(page: Uint8Array, pageNumber: number): LeafKind | undefined {
  const type = page[headerOffset(pageNumber)];
  if (type === tableLeaf) return 'table';
  return type === indexLeaf ? 'index' : undefined;
}

/** True for an interior b-tree page, which points to other pages. */
export function isInterior(page: Uint8Array, pageNumber: number): boolean {
  const type = page[headerOffset(pageNumber)];
  return type === tableInterior || type === indexInterior;
}

/** A column's value if it is text or an integer; undefined for other types. */
export type LeafColumn = string | number | undefined;

/** The offsets of one cell on its page: from the record's size up to its end, overflow pages excluded. */
export interface PageCell {
  readonly from: number;
  readonly to: number;
  /** The offset of the record's header. */
  readonly header: number;
}

/**
 * Returns the cells of a b-tree page that hold records: those of leaves, and those of an index's interior pages, which
 * are entries too. Returns `undefined` for a page with an invalid structure.
 */
export function pageCells(page: Uint8Array, pageNumber: number): PageCell[] | undefined {
  const header = headerOffset(pageNumber);
  const type = page[header];
  if (type !== tableLeaf && type !== indexLeaf && type !== indexInterior) return [];
  // On an interior page a pointer to another page precedes the array of cell offsets, and each cell.
  const pointerBytes = type === indexInterior ? 4 : 0;
  const places = header + 8 + pointerBytes;
  const cellCount = uint16(page, header + 3);
  if (places + cellCount * 2 > page.length) return undefined;
  const cells: PageCell[] = [];
  for (let index = 0; index < cellCount; index += 1) {
    const from = uint16(page, places + index * 2) + pointerBytes;
    const cell = pageCell(page, from, type === tableLeaf);
    if (cell === undefined) return undefined;
    cells.push(cell);
  }
  return cells;
}

function pageCell(page: Uint8Array, from: number, isRow: boolean): PageCell | undefined {
  if (from < 8 || from >= page.length) return undefined;
  const [payloadSize, afterSize] = varint(page, from);
  const header = isRow ? varint(page, afterSize)[1] : afterSize;
  const [headerSize] = varint(page, header);
  if (headerSize < 1 || header + headerSize > page.length) return undefined;
  const local = isRow ? localSize(payloadSize, page.length) : payloadSize;
  // The number of the first overflow page follows the local part of a record that overflows.
  const to = header + local + (local < payloadSize ? 4 : 0);
  return { from, to: Math.min(page.length, to), header };
}

/**
 * Returns the first columns of a cell, at most `count`. Leaves out a column that continues on overflow pages, and all
 * after it. Text is returned as text, integers as numbers, and NULL, floating-point numbers and blobs as `undefined`.
 */
export function leadingColumns(page: Uint8Array, { header }: PageCell, count: number): LeafColumn[] {
  const [headerSize, firstType] = varint(page, header);
  const columns: LeafColumn[] = [];
  let value = header + headerSize;
  let type = firstType;
  while (type < header + headerSize && columns.length < count) {
    const [serial, next] = varint(page, type);
    const length = serialLength(serial);
    if (value + length > page.length) break;
    columns.push(serialValue(page, value, serial, length));
    value += length;
    type = next;
  }
  return columns;
}

/** Returns how many bytes of a table's record are on the leaf (section 1.6); the others are on overflow pages. */
export function localSize(payloadSize: number, usable: number): number {
  const maxLocalBytes = usable - 35;
  if (payloadSize <= maxLocalBytes) return payloadSize;
  const minLocalBytes = Math.floor(((usable - 12) * 32) / 255) - 23;
  const localBytes = minLocalBytes + ((payloadSize - minLocalBytes) % (usable - 4));
  return localBytes <= maxLocalBytes ? localBytes : minLocalBytes;
}

/** The b-tree header of page 1 follows the 100 bytes of the file's own header. */
function headerOffset(pageNumber: number): number {
  return pageNumber === 1 ? 100 : 0;
}

/** Reads a varint (section 1.6), a big-endian base-128 number of up to nine bytes. Bytes past the end count as 0. */
export function varint(bytes: Uint8Array, offset: number): [value: number, next: number] {
  let value = 0;
  for (let index = 0; index < 8; index += 1) {
    const byte = bytes[offset + index] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return [value, offset + index + 1];
  }
  return [value * 256 + (bytes[offset + 8] ?? 0), offset + 9];
}

const integerLengths = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

/** Returns how many bytes a value of this serial type takes (section 2.1). */
export function serialLength(serial: number): number {
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

/** Reads a big-endian number of two bytes. Bytes past the end count as 0. */
export function uint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

/** Reads a big-endian number of four bytes. Bytes past the end count as 0. */
export function uint32(bytes: Uint8Array, offset: number): number {
  return uint16(bytes, offset) * 65_536 + uint16(bytes, offset + 2);
}

/** Returns the bytes of a WAL with recomputed checksums in the given byte order, and the magic number of that order. */
export function reseal(wal: Uint8Array, order: 'big' | 'little'): Uint8Array {
  const bytes = Uint8Array.from(wal);
  const view = new DataView(bytes.buffer);
  const isLittle = order === 'little';
  const pageSize = view.getUint32(8);
  let sums: [number, number] = [0, 0];
  const add = (start: number, end: number) => {
    for (let i = start; i + 8 <= end; i += 8) {
      sums = [(sums[0] + view.getUint32(i, isLittle) + sums[1]) >>> 0, sums[1]];
      sums = [sums[0], (sums[1] + view.getUint32(i + 4, isLittle) + sums[0]) >>> 0];
    }
  };
  const seal = (at: number) => {
    view.setUint32(at, sums[0]);
    view.setUint32(at + 4, sums[1]);
  };
  view.setUint32(0, isLittle ? 0x377f0682 : 0x377f0683);
  add(0, 24);
  seal(24);
  for (let frame = 32; frame + 24 + pageSize <= bytes.length; frame += 24 + pageSize) {
    add(frame, frame + 8);
    add(frame + 24, frame + 24 + pageSize);
    seal(frame + 16);
  }
  return bytes;
}

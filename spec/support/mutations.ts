import { reseal } from './wal-bytes.ts';

/** The files of one database, as bytes. */
export interface DatabaseBytes {
  readonly main: Uint8Array;
  readonly wal: Uint8Array;
  readonly index: Uint8Array;
}

/** Random numbers from a seed, so that a failing mutant can be reproduced. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2654435761 + 1) >>> 0;
  }

  /** Returns a whole number from 0 to `below` - 1. */
  roll(below: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * below);
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.roll(choices.length)];
    if (choice === undefined) throw new RangeError('nothing to pick from');
    return choice;
  }
}

type Damage = (bytes: Uint8Array, dice: Dice) => Uint8Array;

const flipBits: Damage = (bytes, dice) => {
  for (let i = 1 + dice.roll(40); i > 0; i -= 1) flip(bytes, dice.roll(bytes.length), dice);
  return bytes;
};

/** Flips bits in the first bytes of a page: its header, its cell pointers, its first child pointers. */
const flipPageHeads: Damage = (bytes, dice) => {
  for (let i = 1 + dice.roll(10); i > 0; i -= 1) {
    flip(bytes, dice.roll(Math.ceil(bytes.length / 1024)) * 1024 + dice.roll(40), dice);
  }
  return bytes;
};

/** Writes small numbers over page numbers and lengths, so that trees share pages or contain cycles. */
const crossPointers: Damage = (bytes, dice) => {
  for (let i = 1 + dice.roll(30); i > 0; i -= 1) {
    const at = dice.roll(Math.max(bytes.length - 4, 1));
    bytes.set([0, 0, 0, 1 + dice.roll(60)].slice(0, bytes.length - at), at);
  }
  return bytes;
};

const cut: Damage = (bytes, dice) => bytes.slice(0, dice.roll(bytes.length));

const blank: Damage = (bytes, dice) => {
  const at = dice.roll(bytes.length);
  return bytes.fill(dice.pick([0, 255]), at, at + 1 + dice.roll(4096));
};

/** Overwrites header fields: page size, counts, salts, versions. */
const forgeHeader: Damage = (bytes, dice) => {
  const at = dice.roll(Math.min(bytes.length, 140));
  const value = dice.pick([0, 1, 0x7f, 0x80, 0xff]);
  return bytes.fill(value, at, at + dice.pick([1, 2, 4, 8]));
};

const damages: readonly Damage[] = [flipBits, flipPageHeads, crossPointers, cut, blank, forgeHeader];

/** Damages one or more of the files. Some WALs get valid checksums again, so that a reader accepts the damage. */
export function mutate(original: DatabaseBytes, seed: number): Partial<DatabaseBytes> {
  const dice = new Dice(seed);
  const bytes = {
    main: Uint8Array.from(original.main),
    wal: Uint8Array.from(original.wal),
    index: Uint8Array.from(original.index),
  };
  for (let i = 1 + dice.roll(3); i > 0; i -= 1) {
    const name = dice.pick(['main', 'main', 'wal', 'index'] as const);
    if (bytes[name].length > 0) bytes[name] = Uint8Array.from(dice.pick(damages)(bytes[name], dice));
  }
  if (dice.roll(3) === 0 && bytes.wal.length > 32) bytes.wal = resealed(bytes.wal, dice);
  const { main, wal, index } = bytes;
  return dice.pick([{ main, wal, index }, { main, wal }, { main }, { main, index }]);
}

function resealed(wal: Uint8Array, dice: Dice): Uint8Array<ArrayBuffer> {
  const pageSize = new DataView(wal.buffer).getUint32(8);
  const isPossible = pageSize >= 512 && pageSize <= 65536;
  return Uint8Array.from(isPossible ? reseal(wal, dice.pick(['big', 'little'])) : wal);
}

function flip(bytes: Uint8Array, at: number, dice: Dice): void {
  if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.roll(8));
}

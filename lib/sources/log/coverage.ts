/** A stretch of a file that was read: whole lines from `start` up to `end`. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  /** The time of its first line; absent where it has none. */
  readonly firstLineAtMs?: number;
}

/** Which stretches of a file were read, so that nothing is read twice. Stretches that touch are one. */
export class Coverage {
  #stretches: Stretch[] = [];

  /** The stretch that holds the byte before `offset`. */
  before(offset: number): Stretch | undefined {
    return this.#stretches.find((stretch) => stretch.start < offset && offset <= stretch.end);
  }

  /** Where the nearest stretch that ends at or before `offset` ends; 0 where there is none. */
  lastEndUpTo(offset: number): number {
    return Math.max(0, ...this.#stretches.filter(({ end }) => end <= offset).map(({ end }) => end));
  }

  /** Notes a stretch as read. */
  add(added: Stretch): void {
    if (added.end <= added.start) return;
    let merged = added;
    const apart: Stretch[] = [];
    for (const stretch of this.#stretches) {
      if (stretch.end < merged.start || merged.end < stretch.start) apart.push(stretch);
      else merged = union(stretch, merged);
    }
    this.#stretches = [...apart, merged];
  }

  clear(): void {
    this.#stretches = [];
  }
}

function union(one: Stretch, other: Stretch): Stretch {
  const [lower, upper] = one.start <= other.start ? [one, other] : [other, one];
  const firstLineAtMs = lower.firstLineAtMs ?? upper.firstLineAtMs;
  return {
    start: lower.start,
    end: Math.max(one.end, other.end),
    ...(firstLineAtMs === undefined ? {} : { firstLineAtMs }),
  };
}

/** A possible pair and what it is worth: more than 0. */
export interface Edge {
  /** A process, or one of a server's many places. */
  readonly row: string;
  readonly column: string;
  readonly weight: number;
}

/**
 * Chooses pairs so that no row and no column is taken twice and the sum of weights is the greatest possible. The order
 * of the edges makes no difference; weights must be whole numbers whose sum stays below 2^53. Parts that share
 * nothing are solved apart, so the time depends on the largest tangle and not on the whole.
 */
export function assign<E extends Edge>(edges: readonly E[]): E[] {
  return components(edges).flatMap((component) => (component.length === 1 ? component : solve(component)));
}

/** Edges that share a row or a column, directly or through others, kept together. */
function components<E extends Edge>(edges: readonly E[]): E[][] {
  const rows = new Map<string, number>();
  const columns = new Map<string, number>();
  const leaders: number[] = [];
  const nodeOf = (known: Map<string, number>, name: string): number => {
    let node = known.get(name);
    if (node === undefined) {
      node = leaders.push(leaders.length) - 1;
      known.set(name, node);
    }
    return node;
  };
  const find = (node: number): number => {
    let top = node;
    for (let up = leaders[top] ?? top; up !== top; up = leaders[top] ?? top) top = up;
    for (let at = node; at !== top; ) {
      const next = leaders[at] ?? top;
      leaders[at] = top;
      at = next;
    }
    return top;
  };
  const nodes = edges.map(({ row, column }) => {
    const node = nodeOf(rows, row);
    leaders[find(nodeOf(columns, column))] = find(node);
    return node;
  });
  const parts = new Map<number, E[]>();
  for (const [index, edge] of edges.entries()) {
    const top = find(nodes[index] ?? 0);
    const part = parts.get(top);
    if (part === undefined) parts.set(top, [edge]);
    else part.push(edge);
  }
  return [...parts.values()];
}

/** The Hungarian method with potentials, each row with a column of its own that is worth nothing: to stay alone. */
function solve<E extends Edge>(edges: readonly E[]): E[] {
  const names = (of: (edge: E) => string) => [...new Set(edges.map(of))].sort();
  const rows = names(({ row }) => row);
  const columns = names(({ column }) => column);
  // The time grows with the square of one side: the smaller one takes that part.
  const isTall = rows.length > columns.length;
  const [few, many] = isTall ? [columns, rows] : [rows, columns];
  const fewAt = new Map(few.map((name, index) => [name, index]));
  const manyAt = new Map(many.map((name, index) => [name, index + 1]));
  const width = many.length + few.length;
  const best = few.map(() => new Map<number, E>());
  for (const edge of edges) {
    const [one, other] = isTall ? [edge.column, edge.row] : [edge.row, edge.column];
    const there = best[fewAt.get(one) ?? 0];
    const at = manyAt.get(other) ?? 0;
    if (edge.weight > (there?.get(at)?.weight ?? 0)) there?.set(at, edge);
  }
  const costs = best.map((there) => {
    const cost = new Float64Array(width + 1);
    for (const [at, { weight }] of there) cost[at] = -weight;
    return cost;
  });
  return hungarian(costs, width).flatMap((column, row) => best[row]?.get(column) ?? []);
}

/** The column (from 1) of each row so that the sum of costs is the least; there are at least as many columns as rows. */
function hungarian(costs: readonly Float64Array[], width: number): number[] {
  const rowPotential = new Float64Array(costs.length + 1);
  const columnPotential = new Float64Array(width + 1);
  const rowOf = new Int32Array(width + 1);
  const cameFrom = new Int32Array(width + 1);
  for (let row = 1; row <= costs.length; row++) {
    rowOf[0] = row;
    const least = new Float64Array(width + 1).fill(Number.POSITIVE_INFINITY);
    const used = new Uint8Array(width + 1);
    let column = 0;
    do {
      used[column] = 1;
      const at = rowOf[column] ?? 0;
      const cost = costs[at - 1];
      let delta = Number.POSITIVE_INFINITY;
      let next = 0;
      for (let other = 1; other <= width; other++) {
        if (used[other] === 1) continue;
        const reduced = (cost?.[other] ?? 0) - (rowPotential[at] ?? 0) - (columnPotential[other] ?? 0);
        if (reduced < (least[other] ?? 0)) {
          least[other] = reduced;
          cameFrom[other] = column;
        }
        const value = least[other] ?? 0;
        if (value < delta) {
          delta = value;
          next = other;
        }
      }
      for (let other = 0; other <= width; other++) {
        if (used[other] === 1) {
          const taken = rowOf[other] ?? 0;
          rowPotential[taken] = (rowPotential[taken] ?? 0) + delta;
          columnPotential[other] = (columnPotential[other] ?? 0) - delta;
        } else least[other] = (least[other] ?? 0) - delta;
      }
      column = next;
    } while ((rowOf[column] ?? 0) !== 0);
    for (; column !== 0; column = cameFrom[column] ?? 0) rowOf[column] = rowOf[cameFrom[column] ?? 0] ?? 0;
  }
  const columnOf = new Array<number>(costs.length).fill(0);
  for (let column = 1; column <= width; column++) {
    const row = rowOf[column] ?? 0;
    if (row > 0) columnOf[row - 1] = column;
  }
  return columnOf;
}

/** A possible pair of a row and a column. */
export interface Edge {
  /** A process, or one session slot of a server. */
  readonly row: string;
  readonly column: string;
  /** A whole number above 0. */
  readonly weight: number;
}

/**
 * Chooses the edges with the maximum sum of weights such that each row and each column occurs at most once. The result
 * does not depend on the order of the edges. The sum of all weights must stay below 2^53. Connected components are solved
 * separately, so the time depends on the largest component only.
 */
export function assign<E extends Edge>(edges: readonly E[]): E[] {
  return components(edges).flatMap((component) => (component.length === 1 ? component : solve(component)));
}

/** The connected components: edges that share a row or a column, directly or through other edges. */
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

/** The Hungarian algorithm with potentials. Each row has an extra column of weight 0, which means "unassigned". */
function solve<E extends Edge>(edges: readonly E[]): E[] {
  const names = (of: (edge: E) => string) => [...new Set(edges.map(of))].sort();
  const rows = names(({ row }) => row);
  const columns = names(({ column }) => column);
  // The time grows with the square of the number of rows: the smaller side becomes the rows.
  const isTransposed = rows.length > columns.length;
  const [few, many] = isTransposed ? [columns, rows] : [rows, columns];
  const fewIndex = new Map(few.map((name, index) => [name, index]));
  const manyIndex = new Map(many.map((name, index) => [name, index + 1]));
  const width = many.length + few.length;
  const best = few.map(() => new Map<number, E>());
  for (const edge of edges) {
    const [one, other] = isTransposed ? [edge.column, edge.row] : [edge.row, edge.column];
    const ofRow = best[fewIndex.get(one) ?? 0];
    const column = manyIndex.get(other) ?? 0;
    if (edge.weight > (ofRow?.get(column)?.weight ?? 0)) ofRow?.set(column, edge);
  }
  const costs = best.map((ofRow) => {
    const cost = new Float64Array(width + 1);
    for (const [column, { weight }] of ofRow) cost[column] = -weight;
    return cost;
  });
  return hungarian(costs, width).flatMap((column, row) => best[row]?.get(column) ?? []);
}

/** The column (from 1) of each row with the minimum sum of costs. Needs at least as many columns as rows. */
function hungarian(costs: readonly Float64Array[], width: number): number[] {
  const rowPotential = new Float64Array(costs.length + 1);
  const columnPotential = new Float64Array(width + 1);
  const rowOf = new Int32Array(width + 1);
  const cameFrom = new Int32Array(width + 1);
  for (let row = 1; row <= costs.length; row++) {
    rowOf[0] = row;
    const minReduced = new Float64Array(width + 1).fill(Number.POSITIVE_INFINITY);
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
        if (reduced < (minReduced[other] ?? 0)) {
          minReduced[other] = reduced;
          cameFrom[other] = column;
        }
        const value = minReduced[other] ?? 0;
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
        } else minReduced[other] = (minReduced[other] ?? 0) - delta;
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

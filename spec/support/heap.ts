import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Returns by how many bytes the heap has grown after `make`, while its result is still referenced. */
export function heldBytes(make: () => unknown): number {
  collect();
  const before = process.memoryUsage().heapUsed;
  const made = make();
  collect();
  const after = process.memoryUsage().heapUsed;
  return made === undefined ? 0 : after - before;
}

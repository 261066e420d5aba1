import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** Sets the seed of all random cases to `OTOP_SEED`. Only for specs that have some: to load fast-check takes 0.1 s. */
const { testPath } = expect.getState();
if (testPath === undefined || readFileSync(testPath, 'utf8').includes("from 'fast-check'")) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.OTOP_SEED) });
}

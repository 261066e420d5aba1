import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const include = ['spec/**/*.spec.ts'];
const exclude = ['spec/**/*.slow.spec.ts', 'spec/real/**', 'node_modules/**'];

/** Specs that replace a module, or something that a package reads when it is loaded: others must not have loaded it. */
const replacing = readdirSync('spec', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.spec.ts'))
  .map((name) => `spec/${name}`)
  .filter((path) => /\bvi\.(mock|hoisted)\(/.test(readFileSync(path, 'utf8')));

/** `npm test`: every spec but the slow ones, with the same random cases each time and no second try. */
export default defineConfig({
  test: {
    setupFiles: ['spec/support/world.ts', 'spec/support/seed.ts'],
    env: { OTOP_SEED: '1' },
    // vitest itself leaves one core idle; on two cores that is half of the machine.
    maxWorkers: '100%',
    // Only for what hangs: a spec beside busy programs takes its time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
    projects: [
      {
        extends: true,
        // One process loads otop once, for many files: that is two thirds of the time of a process for each.
        test: {
          name: 'shared',
          include,
          exclude: [...exclude, ...replacing],
          isolate: false,
          restoreMocks: true,
        },
      },
      { extends: true, test: { name: 'alone', include: replacing, exclude } },
    ],
  },
});

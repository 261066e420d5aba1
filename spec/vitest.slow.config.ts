import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const seed = Number(process.env.OTOP_SEED ?? randomInt(2 ** 31 - 1));
console.log(`random cases of seed ${seed}; the same again: OTOP_SEED=${seed} npm run test:all`);
const properties = readdirSync('spec', { recursive: true, encoding: 'utf8' })
  .map((name) => `spec/${name}`)
  .filter((path) => path.endsWith('.spec.ts') && readFileSync(path, 'utf8').includes("from 'fast-check'"));

/**
 * `npm run test:all`: the specs that `npm test` leaves out, and those of properties once more with fresh random cases.
 * A spec is slow (`.slow.spec.ts`) if it starts otop, tmux or sshd, or takes more than three seconds of a processor.
 */
export default defineConfig({
  test: {
    include: ['spec/**/*.slow.spec.ts', ...properties],
    exclude: ['spec/real/**', 'node_modules/**'],
    setupFiles: ['spec/support/world.ts', 'spec/support/seed.ts'],
    env: { OTOP_SEED: String(seed) },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Real programs may miss their moment on a busy machine. .ci/run reports each second try.
    retry: process.env.CI ? 2 : 0,
  },
});

import { defineConfig } from 'vitest/config';

/** `npm test`: every spec but the slow ones, with the same random cases each time and no second try. */
export default defineConfig({
  test: {
    include: ['spec/**/*.spec.ts'],
    exclude: ['spec/**/*.slow.spec.ts', 'spec/real/**', 'node_modules/**'],
    setupFiles: ['spec/support/seed.ts'],
    env: { OTOP_SEED: '1' },
    // Only for what hangs: a spec beside busy programs takes its time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
  },
});

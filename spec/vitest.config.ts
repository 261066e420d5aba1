import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['spec/**/*.spec.ts'],
    exclude: ['spec/real/**', 'node_modules/**'],
    environment: 'node',
    // A machine whose processors others have takes its time; what hangs hangs for longer.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most specs run real programs: on a machine of others one may miss its moment. Another try is told of by .ci/run.
    retry: process.env.CI ? 2 : 0,
  },
});

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['spec/**/*.spec.ts'],
    exclude: ['spec/real/**', 'node_modules/**'],
    environment: 'node',
    // A machine whose processors others have takes its time; what hangs hangs for longer.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

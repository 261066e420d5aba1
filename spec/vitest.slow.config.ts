import { randomInt } from 'node:crypto';
import { defineConfig } from 'vitest/config';
import { common, projectsOf, specs } from './vitest.config.ts';

const seed = Number(process.env.OTOP_SEED ?? randomInt(2 ** 31 - 1));
console.log(`random cases of seed ${seed}; the same again: OTOP_SEED=${seed} npm run test:all`);
const slow = [...specs.keys()].filter((path) => path.endsWith('.slow.spec.ts'));
const properties = [...specs.keys()].filter(
  (path) => !slow.includes(path) && specs.get(path)?.includes("from 'fast-check'"),
);

/**
 * `npm run test:all`: the specs that `npm test` leaves out, and those of properties once more with fresh random cases.
 * A spec is slow (`.slow.spec.ts`) if it starts otop, tmux or sshd, or takes more than three seconds of a processor.
 */
export default defineConfig({
  test: {
    ...common,
    env: { OTOP_SEED: String(seed) },
    // Real programs may miss their moment on a busy machine. .ci/run reports each second try.
    retry: process.env.CI ? 2 : 0,
    projects: [...projectsOf(properties, slow)],
  },
});

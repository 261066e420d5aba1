import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** The text of each spec but those of real opencode, by path. */
export const specs: ReadonlyMap<string, string> = new Map(
  readdirSync('spec', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.spec.ts') && !name.startsWith('real/'))
    .map((name) => [`spec/${name}`, readFileSync(`spec/${name}`, 'utf8')]),
);
const fast = [...specs.keys()].filter((path) => !path.endsWith('.slow.spec.ts'));

/** True for a spec that replaces a module, or what a package reads when it is loaded: no other may have loaded it. */
const isReplacing = (path: string) => /\bvi\.(mock|hoisted)\(/.test(specs.get(path) ?? '');

/** Settings of every suite. */
export const common = {
  setupFiles: ['spec/support/world.ts', 'spec/support/seed.ts'],
  // vitest itself leaves one core idle; on two cores that is half of the machine.
  maxWorkers: '100%',
  // Only for what hangs: a spec beside busy programs takes its time.
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

/**
 * Returns two projects for these specs. In the first one, a process loads otop once, for many files: that is two thirds
 * of the time of a process for each. In the second one are the specs that need a process for each file.
 */
export function projectsOf(paths: readonly string[], alone: readonly string[] = []) {
  const shared = paths.filter((path) => !isReplacing(path));
  const isolated = [...paths.filter(isReplacing), ...alone];
  return [
    { extends: true, test: { name: 'shared', include: shared, isolate: false, restoreMocks: true } },
    { extends: true, test: { name: 'alone', include: isolated } },
  ] as const;
}

/** `npm test`: every spec but the slow ones, with the same random cases each time and no second try. */
export default defineConfig({
  test: { ...common, env: { OTOP_SEED: '1' }, retry: 0, projects: [...projectsOf(fast)] },
});

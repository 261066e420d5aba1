import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OpencodeConfig } from '../../../lib/sources/opencode/configuration.ts';
import { ModelCatalog } from '../../../lib/sources/opencode/models.ts';
import { text } from '../../support/builders.ts';

let root = '';
let ticks = 0;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'otop-models-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, content: unknown): void {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  const seconds = 1_700_000_000 + ticks++;
  utimesSync(path, seconds, seconds);
}

function catalog(env: Record<string, string> = {}): ModelCatalog {
  const places = { env, homeDir: root };
  return new ModelCatalog(places, new OpencodeConfig(places));
}

/** Formats the facts of a model as `limit input/output`; `-` stands for an unknown figure. */
function factsText(models: ModelCatalog, modelId: string, directoryPath?: string): string {
  const facts = models.lookup({ providerId: text('fake'), modelId: text(modelId) }, directoryPath);
  if (facts === undefined) return 'unknown';
  return `${facts.contextLimitTokens ?? '-'} ${facts.price?.input ?? '-'}/${facts.price?.output ?? '-'}`;
}

const cache = (context: number, more: object = {}) => ({
  fake: {
    id: 'fake',
    models: {
      'fake-1': {
        name: 'Fake 1',
        limit: { context, output: 1_000 },
        cost: { input: 3, output: 15, cache_read: 0.3 },
      },
      ...more,
    },
  },
});

describe('limits and prices of models', () => {
  it("are unknown without opencode's cache and config", async () => {
    const models = catalog();
    expect(await models.refresh([])).toEqual([]);
    expect(factsText(models, 'fake-1')).toBe('unknown');
  });

  it('come from all cache files, the newest first', async () => {
    write('.cache/opencode/models.json', cache(100_000, { 'fake-old': { limit: { context: 8_000 } } }));
    write('.cache/opencode/models-bb5e051b.json', cache(200_000));
    write('.cache/opencode/other.json', 'not ours');
    const models = catalog();
    expect(await models.refresh([])).toEqual([]);
    expect(factsText(models, 'fake-1')).toBe('200000 3/15');
    expect(factsText(models, 'fake-old')).toBe('8000 -/-');
    expect(factsText(models, 'toString')).toBe('unknown');
  });

  it('come from OPENCODE_MODELS_PATH alone if it is set', async () => {
    write('.cache/opencode/models.json', cache(100_000));
    write('elsewhere/api.json', cache(50_000));
    const models = catalog({ OPENCODE_MODELS_PATH: join(root, 'elsewhere/api.json') });
    await models.refresh([]);
    expect(factsText(models, 'fake-1')).toBe('50000 3/15');
  });

  it('are overridden by the config figure by figure; the project overrides the global config', async () => {
    write('.cache/opencode/models.json', cache(100_000));
    const withModels = (models: object) => ({ provider: { fake: { models } } });
    write(
      '.config/opencode/opencode.json',
      withModels({ 'fake-1': { limit: { context: 64_000 } }, mine: {} }),
    );
    write('p/opencode.json', withModels({ 'fake-1': { cost: { input: 0, output: 0 } } }));
    const models = catalog();
    await models.refresh([join(root, 'p')]);
    expect(factsText(models, 'fake-1')).toBe('64000 3/15');
    expect(factsText(models, 'fake-1', join(root, 'p'))).toBe('64000 0/0');
    expect(factsText(models, 'fake-1', join(root, 'never-asked-for'))).toBe('64000 3/15');
    expect(factsText(models, 'mine')).toBe('- -/-');
  });

  it('are read again when the cache changes, and keep their last good figures while it is broken', async () => {
    const models = catalog();
    write('.cache/opencode/models.json', cache(100_000));
    await models.refresh([]);
    write('.cache/opencode/models.json', '{"fake": {"models"');
    const troubles = await models.refresh([]);
    expect(troubles.map(({ source, text: what }) => `${source}: ${what}`)).toEqual([
      'models: models.json: is not JSON',
    ]);
    expect(factsText(models, 'fake-1')).toBe('100000 3/15');
    write('.cache/opencode/models.json', cache(120_000));
    expect(await models.refresh([])).toEqual([]);
    expect(factsText(models, 'fake-1')).toBe('120000 3/15');
    rmSync(join(root, '.cache'), { recursive: true });
    await models.refresh([]);
    expect(factsText(models, 'fake-1')).toBe('unknown');
  });

  it.each([
    ['a list', []],
    ['null', null],
    ['a model list', { fake: { models: [1] } }],
    [
      'numbers as text',
      { fake: { models: { 'fake-1': { limit: { context: '1e5' }, cost: { input: '3' } } } } },
    ],
    ['negative figures', { fake: { models: { 'fake-1': { limit: { context: -1 }, cost: 7 } } } }],
    ['null models', { fake: null, other: { models: { x: null } } }],
  ])('are unknown, without an error, if the cache contains %s', async (_, content) => {
    write('.cache/opencode/models.json', content);
    const models = catalog();
    expect(await models.refresh([])).toEqual([]);
    expect(factsText(models, 'fake-1')).toMatch(/^(unknown|- -\/-)$/);
  });

  it('report a broken project config once, even if it applies to several sessions', async () => {
    write('.config/opencode/opencode.json', '{"provider": }');
    const troubles = await catalog().refresh(['/a', '/b']);
    expect(troubles).toHaveLength(1);
    expect(troubles[0]?.text).toContain('opencode.json:1:');
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfigText } from '../lib/config-text.ts';
import { keyNames } from '../lib/domain/remap.ts';
import { configSchema, settled } from '../lib/domain/settings/table.ts';

const fixtures = join(import.meta.dirname, 'fixtures/config-invalid');
const wrongs = readdirSync(fixtures);

const said = (text: string) =>
  readConfigText(text).problems.map(({ line, column, text: words }) => `${line}:${column} ${words}`);

describe('a configuration', () => {
  it('is JSON with comments and trailing commas, of which any part may be left out', () => {
    const text = `// mine
    { "$schema": "./config.schema.json", "theme": "light", /* wide */ "columns": ["title", "cost",],
      "layout": { "rows": "one" }, "sort": { "column": "cost", "descending": true }, "delay": 2.5,
      "keys": { "K": "page up", "x": null } }`;
    const { values, problems } = readConfigText(text);
    expect(problems).toEqual([]);
    expect(values).toEqual({
      theme: 'light',
      columns: ['title', 'cost'],
      layout: { rows: 'one' },
      sort: { column: 'cost', descending: true },
      delay: 2.5,
      keys: { K: 'page up', x: null },
    });
    for (const empty of ['', '  ', '// nothing yet', '{}'])
      expect(readConfigText(empty)).toEqual({ values: {}, problems: [] });
  });

  it.each(wrongs)('names every mistake in %s, with its line and column', (name) => {
    expect(said(readFileSync(join(fixtures, name), 'utf8'))).toMatchSnapshot();
  });

  it('is used as far as it is right, and not at all where it is not even JSON', () => {
    expect(readConfigText('{"theme": "lihgt", "delay": 3}').values).toEqual({ delay: 3 });
    expect(readConfigText('{"theme": "light" "delay": 3}').values).toEqual({});
  });

  it('never throws, whatever stands in it', () => {
    const key = fc.constantFrom(
      'theme',
      'columns',
      'sort',
      'layout',
      'delay',
      'keys',
      '__proto__',
      'toString',
    );
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('light', ['title'], { rows: 'two' }));
    const almost = fc.dictionary(key, value).map((each) => JSON.stringify(each));
    fc.assert(
      fc.property(fc.oneof(almost, fc.string()), (text) => {
        const { values, problems } = readConfigText(text);
        expect(settled(values).columns).toBeDefined();
        for (const { line, column } of problems) expect(line > 0 && column > 0).toBe(true);
      }),
    );
  });
});

describe('the schema', () => {
  it('is the published one (`npm run readme` brings it up to date)', () => {
    const published = readFileSync(join(import.meta.dirname, '../lib/schema/config.schema.json'), 'utf8');
    expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(configSchema())));
  });

  it('knows every key that can be bound', () => {
    expect(JSON.stringify(configSchema())).toContain(JSON.stringify(keyNames));
  });
});

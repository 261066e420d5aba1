import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { readConfigText } from '../../lib/config/config-text.ts';
import { settingTypes, settled } from '../../lib/domain/schema/configuration.ts';
import { configurationDocument } from '../../lib/domain/schema/json-schema.ts';

const fixtures = join(import.meta.dirname, '../fixtures/config-invalid');
const invalidNames = readdirSync(fixtures);

const reported = (text: string) =>
  readConfigText(text).problems.map(({ line, column, text: message }) => `${line}:${column} ${message}`);

describe('a configuration', () => {
  it('is JSON with comments and trailing commas, and every part is optional', () => {
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

  it.each(invalidNames)('names every mistake in %s, with its line and column', (name) => {
    expect(reported(readFileSync(join(fixtures, name), 'utf8'))).toMatchSnapshot();
  });

  it('counts as far as it is correct, and not at all if its syntax is wrong', () => {
    expect(readConfigText('{"theme": "lihgt", "delay": 3}').values).toEqual({ delay: 3 });
    expect(readConfigText('{"theme": "light" "delay": 3}').values).toEqual({});
  });

  it('never makes the reader throw', () => {
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
  const validate = new Ajv2020({ strict: false }).compile(configurationDocument());

  it('accepts a configuration exactly if otop reports no mistake in it', () => {
    expect(validate({ $schema: './config.schema.json' })).toBe(true);
    expect(validate(JSON.parse(JSON.stringify(settled())))).toBe(true);
    const values = invalidNames
      .filter((name) => /^(wrong|unknown)-/.test(name))
      .map((name) => parse(readFileSync(join(fixtures, name), 'utf8')));
    expect(values.filter((config) => validate(config))).toEqual([]);
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(settingTypes)), fc.jsonValue(), (key, value) => {
        const text = JSON.stringify({ [key]: value });
        expect(validate(JSON.parse(text))).toBe(readConfigText(text).problems.length === 0);
      }),
    );
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configurationDocument, sessionsDocument } from '../../../lib/domain/schema/json-schema.ts';
import { columnIds } from '../../../lib/domain/table/columns.ts';
import { openApiDocument } from '../../../lib/serve/openapi.ts';
import { type RouteParts, serveRoutes } from '../../../lib/serve/routes.ts';
import { documentsOf, mutated, type Schema } from '../../support/schema-documents.ts';

// The fixtures are the schemas that version 0.1.0 printed. They and the schemas of today accept and refuse the same
// documents. A new field must be added to the fixture, too; a new column need not, since its id is only one more choice.

type Document = Readonly<Record<string, unknown>>;

const printed = (document: unknown): Document => JSON.parse(JSON.stringify(document));
const fixture = (name: string): Document =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/schema-0.1.0', name), 'utf8'));

/** Returns a check whether a part of a schema accepts a document. `whole` has the targets of references. */
function acceptance(part: object, whole: Document): (value: unknown) => boolean {
  const { $defs, components } = whole;
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile({
    ...part,
    ...($defs !== undefined && { $defs }),
    ...(components !== undefined && { components }),
  });
  return (value) => validate(value);
}

interface Part {
  readonly schema: Schema;
  readonly whole: Document;
}

function expectSame(before: Part, now: Part, numRuns = 150): void {
  const old = acceptance(before.schema, before.whole);
  const today = acceptance(now.schema, now.whole);
  const valid = documentsOf(before.schema, before.whole);
  fc.assert(
    fc.property(valid, (document) => {
      expect([old(document), today(document)]).toEqual([true, true]);
    }),
    { seed: 17, numRuns },
  );
  let refused = 0;
  fc.assert(
    fc.property(mutated(valid), (document) => {
      const isAccepted = old(document);
      if (!isAccepted) refused += 1;
      expect(today(document)).toBe(isAccepted);
    }),
    { seed: 17, numRuns: numRuns * 2 },
  );
  const anything = documentsOf(now.schema, now.whole);
  fc.assert(
    fc.property(anything, (document) => {
      expect(old(document)).toBe(true);
    }),
    { seed: 17, numRuns },
  );
  if (before.schema.type === 'object') expect(refused).toBeGreaterThan(numRuns / 20);
}

describe('the schema of `otop sessions`', () => {
  const before = fixture('sessions.schema.json');
  const now = printed(sessionsDocument());
  const definitions = Object.keys(before.$defs ?? {});

  it('accepts the same arrays', () => {
    const { $id: _old, ...old } = before;
    const { $id, ...today } = now;
    expect($id).toBe(before.$id);
    expectSame({ schema: old as Schema, whole: before }, { schema: today as Schema, whole: now });
  });

  it.each(definitions)('accepts the same documents for %s', (name) => {
    const of = (whole: Document): Part => ({
      schema: (whole.$defs as Record<string, Schema>)[name] ?? { $ref: 'missing' },
      whole,
    });
    expectSame(of(before), of(now));
  });

  it('has the same definitions', () => {
    expect(Object.keys(now.$defs ?? {}).sort()).toEqual(definitions.sort());
  });
});

/** Returns the lists of choices (`enum`) in a schema. */
function choicesOf(value: unknown): readonly (readonly unknown[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    key === 'enum' && Array.isArray(part) ? [part] : choicesOf(part),
  );
}

describe('the schema of the configuration', () => {
  const before = fixture('config.schema.json');
  const oldIds = choicesOf(before).find((ids) => ids.includes('status')) ?? [];

  /** Returns the schema without the columns that are newer than 0.1.0. */
  function withoutNewColumns(document: Document): Document {
    const isColumns = (value: unknown) => JSON.stringify(value) === JSON.stringify(columnIds);
    return JSON.parse(
      JSON.stringify(document, (key, value) =>
        key === 'enum' && isColumns(value) ? value.filter((id: string) => oldIds.includes(id)) : value,
      ),
    );
  }

  it('accepts every column that it accepted before', () => {
    expect(oldIds).toHaveLength(30);
    expect(choicesOf(configurationDocument())).toContainEqual(expect.arrayContaining([...oldIds]));
  });

  it('accepts the same files apart from new columns', () => {
    const now = withoutNewColumns(printed(configurationDocument()));
    expectSame({ schema: before, whole: before }, { schema: now, whole: now }, 600);
  });
});

describe('the OpenAPI document', () => {
  const before = fixture('openapi.json');
  const routes = serveRoutes({} as unknown as RouteParts);
  const now = printed(openApiDocument(routes, '0.1.0'));

  /** Returns every outermost schema with the path of keys to it. */
  function schemasOf(value: unknown, path = ''): (readonly [string, Schema])[] {
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, part]) =>
      key === 'schema' ? [[path, part as Schema] as const] : schemasOf(part, `${path} ${key}`),
    );
  }

  /** Returns the document with its schemas replaced by a constant, and without descriptions: their words may change. */
  const outline = (document: Document) =>
    JSON.parse(
      JSON.stringify({ ...document, components: undefined }, (key, value) => {
        if (key === 'description') return undefined;
        return key === 'schema' ? 'a schema' : value;
      }),
    );

  it('is the same for every route apart from its schemas and words', () => {
    expect(outline(now)).toEqual(outline(before));
  });

  const old = schemasOf(before.paths);
  const today = new Map(schemasOf(now.paths));
  const isOwnSchema = ([, { $ref }]: readonly [string, Schema]) =>
    $ref === undefined || !$ref.endsWith('/Error');

  it.each(old.filter(isOwnSchema))('accepts the same documents for%s', (path, schema) => {
    expectSame({ schema, whole: before }, { schema: today.get(path) ?? { $ref: 'missing' }, whole: now }, 60);
  });

  it('has the same components', () => {
    const componentsOf = ({ components }: Document) =>
      (components as { schemas: Record<string, Schema> }).schemas;
    const names = Object.keys(componentsOf(before)).sort();
    expect(Object.keys(componentsOf(now)).sort()).toEqual(names);
    for (const name of names) {
      const [older, newer] = [componentsOf(before)[name], componentsOf(now)[name]];
      expectSame({ schema: older ?? {}, whole: before }, { schema: newer ?? {}, whole: now }, 30);
    }
  });
});

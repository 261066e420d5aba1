import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { count, list, named, object, orNull, text } from '../../../lib/domain/schema/field-types.ts';
import {
  configurationDocument,
  References,
  sessionsDocument,
} from '../../../lib/domain/schema/json-schema.ts';
import { forkRequestSchema } from '../../../lib/domain/schema/serve.ts';

const price = named('price', object({ amount: count('How much.') }, { description: 'What it costs.' }));
const order = object({ price, refund: orNull(price, 'What came back.'), notes: list(text()) });

describe('a printed schema', () => {
  it('writes a named type once and refers to it everywhere else', () => {
    const references = new References('#/$defs/');
    expect(JSON.parse(JSON.stringify(references.to(order)))).toEqual({
      type: 'object',
      required: ['price', 'refund', 'notes'],
      properties: {
        price: { $ref: '#/$defs/price' },
        refund: { description: 'What came back.', oneOf: [{ $ref: '#/$defs/price' }, { type: 'null' }] },
        notes: { type: 'array', items: { type: 'string' } },
      },
    });
    expect(JSON.parse(JSON.stringify(references.definitions))).toEqual({
      price: {
        type: 'object',
        description: 'What it costs.',
        required: ['amount'],
        properties: { amount: { type: 'integer', minimum: 0, description: 'How much.' } },
      },
    });
  });

  it.each([
    ['otop sessions', () => sessionsDocument()],
    ['the configuration', () => configurationDocument()],
    ['a request to otop serve', () => new References('#/components/schemas/').to(forkRequestSchema)],
  ])('of %s has only keywords of JSON Schema', (_what, document) => {
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
    const printed = JSON.stringify(document());
    expect(printed).toContain('"pattern"');
    expect(() => ajv.compile(JSON.parse(printed))).not.toThrow();
  });

  it('gives a scalar that may be unknown the type null, too', () => {
    expect(JSON.parse(JSON.stringify(orNull(count('How many.'))))).toEqual({
      type: ['integer', 'null'],
      minimum: 0,
      description: 'How many.',
    });
  });
});

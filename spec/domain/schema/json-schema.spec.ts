import { describe, expect, it } from 'vitest';
import { count, list, named, object, orNull, text } from '../../../lib/domain/schema/field-types.ts';
import { References } from '../../../lib/domain/schema/json-schema.ts';

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

  it('gives a scalar that may be unknown the type null, too', () => {
    expect(JSON.parse(JSON.stringify(orNull(count('How many.'))))).toEqual({
      type: ['integer', 'null'],
      minimum: 0,
      description: 'How many.',
    });
  });
});

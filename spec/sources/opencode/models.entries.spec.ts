import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonEntries } from '../../../lib/sources/opencode/models.ts';

const parsed = (text: string) => [...jsonEntries(text)].map(([key, json]) => [key, JSON.parse(json)]);
const isNested = (value: unknown) => typeof value === 'object' && value !== null;

describe('the entries of a large JSON object', () => {
  it('are its objects and arrays, whatever their strings contain', () => {
    expect(parsed('{"a": {"x": "}{\\"]"}, "b": [1, {"y": []}], "c": "{", "d": 1}')).toEqual([
      ['a', { x: '}{"]' }],
      ['b', [1, { y: [] }]],
    ]);
    expect(parsed('[{"a": {}}]')).toEqual([]);
    expect(parsed('null')).toEqual([]);
  });

  it('equal those that JSON.parse finds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const expected = Object.entries(value).filter(([, one]) => isNested(one));
        expect(parsed(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
      { numRuns: 300 },
    );
  });

  it('end with an error if the text is truncated', () => {
    expect(() => parsed('{"a": {"b": 1}, "c": {')).toThrow(SyntaxError);
  });
});

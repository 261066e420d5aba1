import { describe, expect, it } from 'vitest';
import {
  choice,
  constant,
  count,
  either,
  figure,
  line,
  list,
  minutes,
  object,
  optional,
  orNull,
  sessionId,
  text,
  time,
  yesNo,
} from '../../lib/domain/schema/field-types.ts';
import { readField, readJson } from '../../lib/sources/read-json.ts';

const item = object({ id: sessionId(), words: list(text(), { maxRead: 2 }) });
const type = object({
  id: sessionId(),
  title: orNull(line()),
  raw: text(),
  at_ms: time(),
  percent: figure(),
  total: count(),
  open: yesNo(),
  kind: orNull(choice(['tui', 'run'])),
  version: constant(1),
  rate: orNull(minutes()),
  items: list(item, { maxRead: 2 }),
  activity: optional(
    either([
      object({ kind: choice(['busy', 'idle']) }),
      object({ kind: constant('retry'), attempt: count() }),
    ]),
  ),
});
const valid = {
  id: 'ses_1',
  title: 'a title',
  raw: 'a\x1b[2Jb',
  at_ms: 1_700_000_000_000,
  percent: -0.5,
  total: 3,
  open: false,
  kind: 'run',
  version: 1,
  rate: [1, 2],
  items: [{ id: 'ses_2', words: ['x', 'y'] }],
  activity: { kind: 'retry', attempt: 2 },
};

describe('reading the JSON of otop', () => {
  it('returns the fields of the type and ignores unknown fields', () => {
    expect(readJson(type, { ...valid, later: 1 })).toEqual(valid);
  });

  it.each([
    ['id', '$(reboot)'],
    ['title', 7],
    ['raw', ''],
    ['at_ms', 0],
    ['percent', '5'],
    ['total', 1.5],
    ['total', -1],
    ['open', 1],
    ['kind', 'dance'],
    ['version', 2],
    ['rate', [1, null]],
    ['rate', []],
    ['activity', { kind: 'sleeping' }],
    ['activity', 'busy'],
    ['title', null],
  ])('treats %s as unknown if it is %j, and keeps the other fields', (name, value) => {
    const { [name as keyof typeof valid]: _wrong, ...rest } = valid;
    expect(readJson(type, { ...valid, [name]: value })).toEqual(rest);
  });

  it('sanitises lines and no other texts', () => {
    expect(readJson(type, { ...valid, title: 'a\x1b[2Jb' })).toMatchObject({ title: 'ab', raw: 'a\x1b[2Jb' });
  });

  it('reads at most the maximum of a list, and skips items that are no objects in a list of objects', () => {
    const items = [1, { id: 'ses_2', words: ['a', 3, 'c'] }, null, {}, { id: 'ses_4' }];
    expect(readJson(type, { items })).toEqual({
      items: [{ id: 'ses_2', words: ['a'] }, { words: [] }],
    });
  });

  it('keeps the last 120 minutes', () => {
    const rate = Array.from({ length: 200 }, (_, minute) => minute);
    expect(readJson(type, { rate })).toEqual({ rate: rate.slice(-120), items: [] });
  });

  it.each([null, undefined, 'text', 7, []])('returns undefined if %j is in place of an object', (value) => {
    expect(readJson(type, value)).toBeUndefined();
  });

  it('reads one field by its name', () => {
    expect(readField(type, valid, 'total')).toBe(3);
    expect(readField(type, undefined, 'total')).toBeUndefined();
  });
});

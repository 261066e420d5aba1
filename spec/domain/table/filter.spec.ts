import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Row } from '../../../lib/domain/board/board.ts';
import { stateNames } from '../../../lib/domain/session/state.ts';
import { matchesFilter, parseFilter } from '../../../lib/domain/table/filter.ts';
import { filterFields } from '../../../lib/domain/table/filter-fields.ts';
import { fold } from '../../../lib/text/compare.ts';
import { fleet, row, state } from '../../support/board.ts';
import { ago, model, nowMs, pane, process, session, text } from '../../support/builders.ts';

/** True if the row matches the filter. Throws if the filter has a mistake. */
function matches(filter: string, of: Row): boolean {
  const read = parseFilter(filter);
  if ('problem' in read) throw new Error(`${filter}: ${read.problem}`);
  return matchesFilter(read.filter, of, nowMs);
}

/** The message for a mistake in the filter, with `^` under its position. */
function wrong(filter: string): string {
  const read = parseFilter(filter);
  return 'problem' in read ? `${filter}\n${' '.repeat(read.at)}^ ${read.problem}` : 'nothing is wrong';
}

const subject = row('one', 'Déboguer the API client', {
  state: state('asking', 90, { askingFor: 'permission', tool: text('bash') }),
  process: process({ pid: 2878, startedAtMs: ago(7320), rssBytes: 812 * 2 ** 20, pane: pane() }),
  session: session({
    id: 'ses_dfc4cf0c2ffeone',
    title: text('Déboguer the API client'),
    directory: text('/home/u/projA'),
    activeAtMs: ago(300),
    model: { ...model, providerId: text('anthropic'), modelId: text('claude-haiku-4-5') },
  }),
  context: { percent: 80.6 },
  cost: { own: 1, total: 1.2 },
});
/** A row with almost every value unknown. */
const { session: _session, cost: _cost, match: _match, ...bare } = row('two', '');
const unknown: Row = { ...bare, context: {}, state: state('new', 5) };

const expectAll = (filters: readonly string[], of: Row, expected: boolean) =>
  expect(filters.filter((filter) => matches(filter, of) !== expected)).toEqual([]);

describe('a filter', () => {
  it('searches a word in title, state, model, agent, directory, id, pid, terminal, pane and host', () => {
    const words = ['api', 'DEBOGUER', 'asking', 'permission', 'haiku', 'build', 'projA', 'ses_dfc4', '2878'];
    expectAll([...words, 'pts/0', 'work', 'desk', 'anthropic', ''], subject, true);
    expectAll(['bash', 'nowhere', 'opus'], subject, false);
  });

  it('searches inside a field with :, and compares the whole field with =', () => {
    expectAll(
      ['dir:proj', 'title:"api cl"', 'model=claude-haiku-4-5', 'id:dfc4', 'tool:bash'],
      subject,
      true,
    );
    expectAll(['status:asking', 'status:permission', 'needs:yes', 'host=desk', 'MODEL:Haiku'], subject, true);
    expectAll(
      ['dir=proj', 'title:other', 'model!=claude-haiku-4-5', 'needs:no', 'orphan:yes'],
      subject,
      false,
    );
    const failed = row('err', '', { state: state('error', 5) });
    expectAll(['status:failed', 'status:error'], failed, true);
    expectAll(['status:working'], row('w', '', { state: state('thinking', 5) }), true);
  });

  it('compares numbers with their units', () => {
    expectAll(['cost>1', 'cost>=$1.20', 'cost:>1', 'ctx>80', 'ctx<81%', 'mem>500M', 'mem<1G'], subject, true);
    expectAll(['idle<10m', 'idle>=5m', 'up>2h', 'up>1h30m', 'since<2m', 'cpu<5', 'pid=2878'], subject, true);
    expectAll(['cost>1.2', 'ctx<80', 'mem>812M', 'idle>10m', 'up<2h', 'pid!=2878'], subject, false);
  });

  it('compares equal numbers as exactly as they were typed', () => {
    expectAll(['ctx=81', 'ctx:80.6', 'cost=1', 'mem=812M', 'up:2h', 'up:2h2m', 'idle=5m'], subject, true);
    expectAll(['ctx=80', 'ctx=80.5', 'cost=2', 'up=3h', 'up:2h3m'], subject, false);
  });

  it('requires every term, excludes with - or !, and accepts alternatives with |', () => {
    expectAll(['api -opus', 'api !opus', 'status:idle|asking', 'opus|api', 'cost>9|ctx>80'], subject, true);
    expectAll(
      ['api opus', '-api', '-model:haiku', '!cost>1', '-status:idle|asking', 'a b c zz'],
      subject,
      false,
    );
  });

  it('takes quoted text literally', () => {
    const titled = row('q', 'say "cost>1" | a\\b twice');
    expectAll(['"cost>1"', '"\\"cost"', 'title:"| a"', 'title:"\\\\b"', 'a"\\\\"b', '"-"|"|"'], titled, true);
  });

  it('never matches an unknown value with a comparison, and keeps it with a negated one', () => {
    expectAll(['cost>0', 'cost<1', 'cost=0', 'cost!=1', 'ctx<100', 'idle>0', 'model!=x'], unknown, false);
    expectAll(['-cost>0', '-model:haiku', 'cost:""', 'model:""', 'ctx=""'], unknown, true);
    expectAll(['cost:""', 'model:""'], subject, false);
  });

  it('reports a mistake and its position', () => {
    const wrongs = [
      'api stauts:asking',
      'zzzzzz:1',
      'stat:asking',
      'context%>80',
      'cost>many',
      'mem>500',
      'idle<10',
      'up>30m1h',
      'title>b',
      'dir:',
      '-',
      'a|',
      'title:"two words',
      'status:eror',
      'status:asking|done|busy',
      '-needs=y',
      'kind:gui',
    ];
    expect(`\n${wrongs.map(wrong).join('\n')}`).toMatchInlineSnapshot(`
      "
      api stauts:asking
          ^ no field stauts: did you mean status? (put text that contains : in quotes)
      zzzzzz:1
      ^ no field zzzzzz (put text that contains : in quotes)
      stat:asking
      ^ no field stat: did you mean status? (put text that contains : in quotes)
      context%>80
      ^ no field context%: did you mean context? (put text that contains > in quotes)
      cost>many
           ^ many is not a value of cost: write it like 1, 0.50, $2
      mem>500
          ^ 500 is not a value of mem: write it like 800K, 500M, 1.5G
      idle<10
           ^ 10 is not a value of idle: write it like 30s, 10m, 1h30m, 2d
      up>30m1h
         ^ 30m1h is not a value of up: write it like 30s, 10m, 1h30m, 2d
      title>b
            ^ title is a text: title:b finds a part of it, title=b the whole
      dir:
          ^ a value is missing after dir:
      -
       ^ a word is missing here
      a|
        ^ a word is missing here
      title:"two words
            ^ this quote is not closed
      status:eror
             ^ eror is not a value of status: did you mean error?
      status:asking|done|busy
                         ^ busy is not a value of status: asking, permission, question, error, failed, truncated, retrying, tool use, working, generating, thinking, compacting, queued, stale, idle, done, new
      -needs=y
             ^ y is not a value of needs: you, unread, yes, no
      kind:gui
           ^ gui is not a value of kind: did you mean tui?"
    `);
  });

  it('accepts a part of a choice, and reports a word that is no choice of the field', () => {
    const failed = row('err', '', { state: state('error', 5) });
    expectAll(['status:err', 'status:fail', 'needs:y', 'kind:t', 'unread:n'], failed, true);
    const every = stateNames.map((name) =>
      row(name, '', { state: state(name, 5, { unread: name === 'idle' }) }),
    );
    const fields = filterFields.filter(({ choices }) => choices !== undefined);
    const strange = fields.flatMap(({ choices, texts }) =>
      [...every, ...fleet, subject, unknown].flatMap((each) =>
        texts(each, nowMs).filter((word) => !choices?.includes(word)),
      ),
    );
    expect(fields.map(({ names }) => names[0])).toEqual(['status', 'needs', 'kind', 'unread', 'orphan']);
    expect(strange).toEqual([]);
  });

  it('never throws, and reports a position inside the text', () => {
    const bits = fc.constantFrom(
      'cost',
      'dir',
      ':',
      '>',
      '"',
      '|',
      '-',
      '!',
      ' ',
      '1',
      'm',
      '\\',
      'é',
      '=',
      'x',
    );
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(bits).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(anything, (typed) => {
        const read = parseFilter(typed);
        if ('problem' in read)
          expect(read.at >= 0 && read.at <= typed.length && read.problem !== '').toBe(true);
        else for (const each of [subject, unknown, ...fleet]) matchesFilter(read.filter, each, nowMs);
      }),
      { numRuns: 200 },
    );
  });

  it('finds any quoted part of any title', () => {
    fc.assert(
      fc.property(
        fc
          .string({ unit: 'grapheme', minLength: 1 })
          .map(text)
          .filter((title) => title !== ''),
        fc.nat(),
        fc.nat(),
        (title, from, length) => {
          const part = title.slice(from % title.length).slice(0, 1 + (length % title.length));
          const quoted = `"${part.replace(/["\\]/g, '\\$&')}"`;
          expect(matches(`title:${quoted}`, row('x', title))).toBe(fold(title).includes(fold(part)));
        },
      ),
    );
  });

  it('splits known values by < and >=, and matches each row with exactly one of a term and its negation', () => {
    const numbers = filterFields.filter(({ measure }) => measure === 'percent' || measure === 'count');
    fc.assert(
      fc.property(
        fc.constantFrom(...numbers),
        fc.nat(300),
        fc.constantFrom(...fleet, unknown),
        (field, limit, of) => {
          const [name = ''] = field.names;
          const below = matches(`${name}<${limit}`, of);
          const known = field.number(of, nowMs) !== undefined;
          expect([below, matches(`${name}>=${limit}`, of)].filter(Boolean)).toHaveLength(known ? 1 : 0);
          expect(matches(`-${name}<${limit}`, of)).toBe(!below);
        },
      ),
    );
  });

  it('does not depend on the order of its terms', () => {
    const term = fc.constantFrom('api', '-haiku', 'cost>1', 'ctx<50', 'status:idle|asking', 'needs:yes', 'a');
    fc.assert(
      fc.property(fc.array(term), fc.constantFrom(...fleet, subject), (terms, of) => {
        expect(matches(terms.join(' '), of)).toBe(matches(terms.toReversed().join('  '), of));
      }),
    );
  });
});

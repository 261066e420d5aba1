import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionEntry } from '../../../lib/domain/schema/sessions.ts';
import { rowOfEntry } from '../../../lib/sources/host/row-of-entry.ts';
import { sessionEntry } from '../../../lib/view/sessions-json.ts';
import { fleet, row, state } from '../../support/board.ts';
import { nowMs, session, text } from '../../support/builders.ts';
import { sessionsFaults } from '../../support/schema-faults.ts';

const teller = { host: text('box'), by: 'ssh', atMs: nowMs } as const;
const read = (entry: object) => rowOfEntry(JSON.parse(JSON.stringify(entry)), teller);

/** Removes the facts that may differ: the host, and the way to its tmux. */
const told = (entry: SessionEntry) => ({ ...entry, key: '', host: '', tmux: null });

const withSubagent = row('root1', 'With a helper', {
  children: [
    { session: session({ id: 'ses_sub', parentId: 'ses_root' }), state: state('idle', 3), depth: 1 },
  ],
});
const { session: _session, match: _match, cost: _cost, tokensPerMinute: _rate, ...alone } = row('new1', 'x');

describe('an entry of another machine', () => {
  it('decodes to the row that it was made from, except for its host', () => {
    const rows = [...fleet, withSubagent, { ...alone, state: state('new', 3) }];
    for (const each of rows) {
      const entry = sessionEntry(each, nowMs);
      const again = read(entry);
      expect(again && told(sessionEntry(again, nowMs))).toEqual(told(entry));
      expect(again && sessionsFaults([sessionEntry(again, nowMs)])).toEqual([]);
    }
  });

  it("has the user's name for the host, and no tmux pane that could be mistaken for a local one", () => {
    const again = read(sessionEntry(row('a', 'Mine'), nowMs));
    expect(again).toMatchObject({ host: 'box', elsewhere: { by: 'ssh' }, key: 'box ses_dfc4cf0c2ffea' });
    expect(again?.process?.pane).toMatchObject({ socketPath: '', target: 'work:7.1' });
    expect(again?.process?.cwd).toBeUndefined();
    expect(again?.session?.directoryPath).toBeUndefined();
  });

  it('loses only a field of a wrong type', () => {
    const entry = sessionEntry(row('a', 'Mine'), nowMs);
    const bad = {
      ...entry,
      cpu_percent: 'much',
      session: { ...entry.session, title: 7, since_ms: '9', later: {} },
    };
    const again = read(bad);
    expect(again?.process?.cpuPercent).toBeUndefined();
    expect(again?.process?.pid).toBe(entry.pid);
    expect(again?.session?.title).toBeUndefined();
    expect(again?.state.sinceMs).toBeUndefined();
    expect(again?.session?.messageCount).toBe(34);
  });

  it('is no row without a known state, a valid id, or a key', () => {
    const entry = sessionEntry(row('a', 'Mine'), nowMs);
    expect(read({ ...entry, key: null })).toBeUndefined();
    expect(read({ ...entry, session: { ...entry.session, status: 'dancing' } })).toBeUndefined();
    expect(read({ ...entry, session: { ...entry.session, id: '$(reboot)' } })).toBeUndefined();
    expect(read({ ...entry, pid: null, session: null })).toBeUndefined();
  });

  it('contains no terminal control sequence', () => {
    const entry = sessionEntry(row('a', 'Mine'), nowMs);
    const again = read({
      ...entry,
      tty: 'pts\x1b[2J',
      session: { ...entry.session, title: '\x1b]52;c;eA==\x07hi' },
    });
    expect(again?.session?.title).toBe('hi');
    expect(again?.process?.tty).toBe('pts');
  });

  it('never throws, for any content', () => {
    const entry = JSON.parse(JSON.stringify(sessionEntry(withSubagent, nowMs)));
    const keys = fc.constantFrom(...Object.keys(entry));
    const inner = fc.constantFrom(...Object.keys(entry.session));
    fc.assert(
      fc.property(keys, fc.jsonValue(), inner, fc.jsonValue(), (key, value, field, other) => {
        read({ ...entry, session: { ...entry.session, [field]: other }, [key]: value });
      }),
    );
  });
});

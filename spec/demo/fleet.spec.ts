import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fleet } from '../../lib/demo/fleet.ts';
import type { FleetEvent } from '../../lib/demo/fleet-event.ts';
import { stateNames } from '../../lib/domain/session/state.ts';

const openingMs = Date.parse('2026-11-22T15:00:00Z');
const minuteMs = 60_000;

/** Events as text, without the object of the writing process. */
function textOf(events: readonly FleetEvent[]): string[] {
  return events.map((event) => (event.kind === 'log' ? event.line : JSON.stringify(event)));
}

function play(seed: number, stops: readonly number[], liveSessions = 16) {
  const fleet = new Fleet({ seed, openingMs, liveSessions });
  const events = stops.flatMap((atMs) => textOf(fleet.advance(openingMs + atMs)));
  const processes = [...fleet.processes.values()].map(({ start, shownTitle, busyTurns }) => ({
    ...start,
    shownTitle,
    busyTurns,
  }));
  return { events, processes };
}

describe('a simulated fleet', () => {
  it('depends on the seed and the elapsed time, not on the number of advance calls', () => {
    const stops = fc.array(fc.integer({ min: -minuteMs, max: 12 * minuteMs }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.nat(1000), stops, (seed, some) => {
        const ascending = [...some.sort((a, b) => a - b), 12 * minuteMs];
        expect(play(seed, ascending)).toEqual(play(seed, [12 * minuteMs]));
      }),
      { numRuns: 8 },
    );
  });

  it('is different for each seed', () => {
    expect(play(1, [0]).events).not.toEqual(play(2, [0]).events);
  });

  it('opens with every state', () => {
    const { expects } = new Fleet({ seed: 1, openingMs });
    expect(new Set(expects.map(({ state }) => state))).toEqual(new Set(stateNames));
    expect(expects.filter(({ askingFor }) => askingFor === 'question')).toHaveLength(1);
  });

  it('writes events in the order of time, and never in the future', () => {
    const fleet = new Fleet({ seed: 3, openingMs });
    for (const atMs of [openingMs, openingMs + minuteMs, openingMs + 60 * minuteMs]) {
      const times = fleet.advance(atMs).map((event) => event.atMs);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times.at(-1)).toBeLessThanOrEqual(atMs);
      expect(fleet.nextEventMs).toBeGreaterThan(atMs);
    }
  });

  it('does nothing when the clock is set back', () => {
    const fleet = new Fleet({ seed: 3, openingMs });
    fleet.advance(openingMs);
    expect(fleet.advance(openingMs - 24 * 60 * minuteMs)).toEqual([]);
  });

  it('makes unique ids that sort by time', () => {
    const fleet = new Fleet({ seed: 5, openingMs });
    const messages = fleet
      .advance(openingMs + 60 * minuteMs)
      .flatMap((event) => (event.kind === 'message' ? [event] : []));
    const created = new Map(messages.map(({ id, createdMs }) => [id, createdMs]));
    const ids = [...created.keys()].sort();
    const times = ids.map((id) => created.get(id) ?? 0);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('uses pids above those of any real process', () => {
    const { processes } = play(1, [0, 30 * minuteMs], 50);
    expect(processes.length).toBeGreaterThanOrEqual(49);
    for (const { pid } of processes) expect(pid).toBeGreaterThan(4_200_000);
  });

  it('runs for hours, and deletes ended sessions', () => {
    const fleet = new Fleet({ seed: 7, openingMs, retentionMs: 3 * 60 * minuteMs });
    const alive = new Set<string>();
    let maxAlive = 0;
    for (let hour = 1; hour <= 20; hour++) {
      for (const event of fleet.advance(openingMs + hour * 60 * minuteMs)) {
        if (event.kind === 'session') alive.add(event.row.id);
        if (event.kind === 'forgotten') alive.delete(event.sessionId);
      }
      maxAlive = Math.max(maxAlive, alive.size);
      expect(fleet.processes.size).toBeGreaterThanOrEqual(14);
    }
    expect(maxAlive).toBeLessThan(300);
  });
});

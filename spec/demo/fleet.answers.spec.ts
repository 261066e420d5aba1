import { describe, expect, it } from 'vitest';
import { Fleet } from '../../lib/demo/fleet.ts';
import type { FleetEvent } from '../../lib/demo/fleet-event.ts';
import type { Reply } from '../../lib/domain/session/acts.ts';

const openingMs = Date.parse('2026-11-22T15:00:00Z');

/** A fleet at its opening, when two permissions and a question are open, and its answers. */
function openedFleet() {
  const fleet = new Fleet({ seed: 1, openingMs });
  fleet.advance(openingMs);
  const askOf = (kind: 'permission' | 'question') => {
    const asking = fleet.asks.find(({ ask }) => ask.kind === kind);
    if (!asking) throw new Error(`no session asks a ${kind}`);
    return asking;
  };
  return { fleet, askOf };
}

/** What a session writes in the seconds after a reply: the data of its parts and messages. */
function written(events: readonly FleetEvent[], sessionId: string): string {
  return events
    .flatMap((event) =>
      (event.kind === 'part' || event.kind === 'message') && event.sessionId === sessionId
        ? [JSON.stringify(event.data)]
        : [],
    )
    .join('\n');
}

function answered(kind: 'permission' | 'question', replyTo: (askId: string) => Reply) {
  const { fleet, askOf } = openedFleet();
  const { sessionId, ask } = askOf(kind);
  expect(fleet.reply(replyTo(ask.id), openingMs)).toBe(true);
  const events = fleet.advance(openingMs + 5000);
  expect(fleet.asks.map((open) => open.ask.id)).not.toContain(ask.id);
  return { text: written(events, sessionId), events, fleet, askId: ask.id };
}

describe('the asks of a fleet', () => {
  it('are open at the opening, and say what is asked', () => {
    const { fleet } = openedFleet();
    expect(fleet.asks.map(({ ask: { kind, tool } }) => [kind, tool])).toEqual([
      ['permission', 'bash'],
      ['question', undefined],
      ['permission', 'edit'],
    ]);
  });

  it('are answered by the simulated user after a while', () => {
    const { fleet, askOf } = openedFleet();
    const { ask } = askOf('permission');
    fleet.advance(openingMs + 80_000);
    expect(fleet.asks.map((open) => open.ask.id)).not.toContain(ask.id);
    expect(fleet.reply({ to: 'permission', askId: ask.id, reply: 'once' }, openingMs + 80_000)).toBe(false);
  });

  it('let the command run at once when it is allowed', () => {
    const { text, fleet, askId } = answered('permission', (id) => ({
      to: 'permission',
      askId: id,
      reply: 'once',
    }));
    expect(text).toContain('"metadata":{"output":""}');
    expect(fleet.reply({ to: 'permission', askId, reply: 'once' }, openingMs)).toBe(false);
  });

  it('end the turn when the command is rejected', () => {
    const { text } = answered('permission', (askId) => ({ to: 'permission', askId, reply: 'reject' }));
    expect(text).toContain('The user rejected permission to use this specific tool call.');
    expect(text).toContain('"finish":"tool-calls"');
    expect(text).not.toContain('"metadata"');
  });

  it('hand the answer to the model', () => {
    const { text, events } = answered('question', (askId) => ({
      to: 'question',
      askId,
      answers: [['neither']],
    }));
    expect(text).toContain('The user answered: neither');
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'log', line: expect.stringContaining('neither') }),
    );
  });

  it('end the turn when the question is dismissed', () => {
    const { text } = answered('question', (askId) => ({ to: 'question', askId, dismissed: true }));
    expect(text).toContain('The user dismissed this question');
  });
});

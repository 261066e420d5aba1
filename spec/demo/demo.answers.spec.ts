import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, PendingAsk, SessionActs } from '../../lib/domain/session/acts.ts';
import { type OpenMonitor, openMonitor } from '../../lib/monitor/open-monitor.ts';
import { handClock } from '../support/clock.ts';
import { emptyMachine } from '../support/machine.ts';

let folder: string;
let open: OpenMonitor;
const clock = handClock(Date.UTC(2026, 10, 30, 14, 5, 22));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'otop-answers-'));
  const { stdin, stdout, stderr } = process;
  const surroundings = { env: { TMPDIR: folder }, homeDir: folder, machine: emptyMachine };
  const options = { demo: true, seed: 1, color: true, mouse: false };
  open = await openMonitor(options, { ...surroundings, stdin, stdout, stderr, clock }, true);
});
afterEach(() => {
  open.monitor.close();
  rmSync(folder, { recursive: true, force: true });
});

function acts(): SessionActs {
  if (!open.acts) throw new Error('the demo takes no answers');
  return open.acts;
}

function asking(kind: 'permission' | 'question', tool?: string): PendingAsk {
  const found = acts()
    .asks()
    .find(({ ask }) => ask.kind === kind && ask.tool === tool);
  if (!found) throw new Error(`no session asks a ${kind}`);
  return found;
}

/** Answers, and returns the state that otop's own sources then read. */
async function stateAfter({ sessionId, ask }: PendingAsk, answer: Answer): Promise<string | undefined> {
  expect(await acts().answer(sessionId, ask, answer)).toMatchObject({ done: true });
  await clock.advance(1000);
  await open.monitor.refresh({ processes: 'full', logs: true, sessions: 'sums' }, clock.nowMs);
  const { rows } = open.monitor.board(clock.nowMs());
  return rows.find(({ session }) => session?.id === sessionId)?.state.name;
}

describe('an answer to a session of the demo', () => {
  it('lets it go on, or ends its turn', async () => {
    expect(await stateAfter(asking('permission', 'bash'), { kind: 'allow once' })).toBe('tool use');
    expect(await stateAfter(asking('question'), { kind: 'dismiss' })).toBe('idle');
    expect(acts().asks()).toHaveLength(1);
  });

  it('is refused if it does not fit, or comes twice', async () => {
    const { sessionId, ask } = asking('question');
    const answer = (answers: readonly (readonly string[])[]) =>
      acts().answer(sessionId, ask, { kind: 'answers', answers });
    expect(await answer([])).toMatchObject({ done: false });
    expect(await answer([['in my own words']])).toMatchObject({ done: true });
    expect(await answer([['both for now']])).toEqual({
      done: false,
      text: `${sessionId} no longer waits for this answer`,
    });
  });

  it('is the only act: no turn can be ended', async () => {
    const { sessionId } = asking('permission', 'edit');
    const { done, text } = await acts().abort(sessionId);
    expect(done).toBe(false);
    expect(text).toContain('a simulated turn cannot be ended');
  });
});

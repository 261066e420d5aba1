import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerRecord } from '../../lib/dashboard/session-actions.ts';
import { text } from '../support/builders.ts';
import { handClock } from '../support/clock.ts';
import { emptyMachine } from '../support/machine.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otop-answers-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function record(logged: string[] = []) {
  const { stdin, stdout, stderr } = process;
  const logger = { log: (_level: string, message: string) => void logged.push(message) };
  const env = { XDG_STATE_HOME: folder };
  const surroundings = { env, homeDir: folder, machine: emptyMachine };
  return answerRecord({ ...surroundings, stdin, stdout, stderr, clock: handClock(0), logger });
}

describe('the record of answers', () => {
  it('holds successful and failed answers, in a file that only the owner can read', () => {
    const logged: string[] = [];
    const answers = record(logged);
    answers.note({ done: true, text: text('allowed once: bash npm test in ses_a') });
    answers.note({ done: false, text: text('no server that hosts ses_b can be reached') });
    const path = join(folder, 'otop', 'answers.log');
    expect(readFileSync(path, 'utf8')).toMatchInlineSnapshot(`
      "timestamp=1970-01-01T00:00:00.000Z level=INFO message="allowed once: bash npm test in ses_a"
      timestamp=1970-01-01T00:00:00.000Z level=WARN message="no server that hosts ses_b can be reached"
      "
    `);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(logged).toEqual(['answer', 'answer']);
  });

  it('does not fail the answer if it cannot be written', () => {
    writeFileSync(join(folder, 'otop'), 'in the way');
    const logged: string[] = [];
    record(logged).note({ done: true, text: text('allowed once') });
    expect(logged).toEqual(['answer', 'answers.log cannot be written']);
  });
});

import { expect, it } from 'vitest';
import { whereabouts } from '../../lib/domain/whereabouts.ts';
import { lineText } from '../../lib/view/line.ts';
import { sessionFacts } from '../../lib/view/session-facts.ts';
import { frame, row } from '../support/board.ts';
import { session, text } from '../support/builders.ts';

const { process: _none, match: _neither, ...alone } = row('a', 'Fix the build', { host: text('box:4096') });
const remote = { ...alone, session: session({ databasePath: '' }) };

it('a session of another host runs there: no command of this machine leads to it', () => {
  expect(whereabouts(remote)).toEqual({ text: 'it runs on box:4096' });
  expect(whereabouts(alone).command).toContain('opencode -s');
});

it('and so its facts say', () => {
  const process = (of: typeof alone) =>
    sessionFacts(of, frame(80, 24))
      .map(lineText)
      .find((line) => line.startsWith('process'));
  expect(process(remote)).toBe('process   runs on box:4096');
  expect(process(alone)).toBe('process   none runs it now');
});

import { describe, expect, it } from 'vitest';
import type { Row } from '../../../lib/domain/board/board.ts';
import { whereabouts } from '../../../lib/domain/process/whereabouts.ts';
import { lineText } from '../../../lib/view/line.ts';
import { sessionFacts } from '../../../lib/view/session-facts.ts';
import { frame, row } from '../../support/board.ts';
import { process, session, text } from '../../support/builders.ts';

const { process: _none, match: _neither, ...alone } = row('a', 'Fix the build', { host: text('box:4096') });
const remote = { ...alone, session: session({ databasePath: '' }) };

it('a session of another host has no command on this machine', () => {
  expect(whereabouts(remote)).toEqual({ text: 'the session runs on box:4096' });
  expect(whereabouts(alone).command).toContain('opencode -s');
});

it('a session of a named server has an attach command', () => {
  const { text: words, command } = whereabouts({ ...remote, serverUrl: 'http://box:4096' });
  expect(command).toMatch(/^opencode attach http:\/\/box:4096 .*-s ses_\w+$/);
  expect(words).toBe(`the session runs on box:4096: ${command}`);
});

it('a local server without a session has an attach command with its port', () => {
  const { tty: _none, ...serve } = process({ kind: 'serve', ports: [4097] });
  const { session: _neither, ...bare } = alone;
  expect(whereabouts({ ...bare, process: serve }).command).toBe('opencode attach http://127.0.0.1:4097');
});

describe('a row of a machine that ssh reaches', () => {
  const onBox = { ...row('a', 'Fix the build', { host: text('me@box') }), session: remote.session };
  const command = (of: Row) => whereabouts(of).command;

  it('has a command that attaches to its tmux pane, with any names', () => {
    const elsewhere = { by: 'ssh', attach: "tmux -L it's attach -t work:3.1" } as const;
    expect(command({ ...onBox, elsewhere })).toBe("ssh -t me@box 'tmux -L it'\\''s attach -t work:3.1'");
  });

  it('has a command that resumes it over ssh if no process runs it, else one that only logs in', () => {
    const elsewhere = { by: 'ssh' } as const;
    const { process: _ended, ...ended } = onBox;
    expect(command({ ...ended, elsewhere })).toMatch(/^ssh -t me@box '.*opencode -s ses_\w+'$/);
    expect(command({ ...onBox, elsewhere })).toBe('ssh me@box');
  });

  it('has no command if only its otop serve is reached', () => {
    expect(command({ ...onBox, elsewhere: { by: 'otop', attach: 'tmux attach' } })).toBeUndefined();
  });
});

it('the facts of a session of another host name the host', () => {
  const process = (of: typeof alone) =>
    sessionFacts(of, frame(80, 24))
      .map(lineText)
      .find((line) => line.startsWith('process'));
  expect(process(remote)).toBe('process   runs on box:4096');
  expect(process(alone)).toBe('process   none runs it now');
});

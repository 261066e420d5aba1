import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resumeCommand } from '../../../lib/domain/process/commands.ts';
import { process, session, text } from '../../support/builders.ts';

const here = { host: text('desk') };

it('a command resumes a session in its directory', () => {
  expect(resumeCommand(here, session({ id: 'ses_a', directoryPath: '/home/u/api' }))).toBe(
    'cd /home/u/api && opencode -s ses_a',
  );
  expect(resumeCommand(here, session({ id: 'ses_a', directoryPath: "/it's $HOME" }))).toBe(
    "cd '/it'\\''s $HOME' && opencode -s ses_a",
  );
});

it('a command quotes any name of a directory', () => {
  const name = fc.string({ unit: 'grapheme' }).filter((text) => text !== '' && !text.includes('\0'));
  fc.assert(
    fc.property(name, (directoryPath) => {
      const command = resumeCommand(here, session({ id: 'ses_a', directoryPath }));
      const script = `cd() { printf %s "$1"; }; opencode() { :; }; ${command}`;
      expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(directoryPath);
    }),
    { numRuns: 60 },
  );
});

it('a command holds no character that a terminal handles as a key', () => {
  const hostile = session({ id: 'ses_a', directoryPath: '/a\x03rm -r ~\n', version: text('1.18.33') });
  expect(resumeCommand(here, hostile)).toBe('opencode -s ses_a');
  const named = { host: text('box:4096'), serverUrl: 'http://box:4096' };
  expect(resumeCommand(named, hostile)).toBe('opencode attach http://box:4096 -s ses_a');
});

describe('the command for a session on a server', () => {
  const named = { host: text('box:4096'), serverUrl: 'http://box:4096' };
  const hosted = session({ id: 'ses_a', directoryPath: "/it's", version: text('1.18.33') });

  it('attaches to the server, in the directory of the session, and starts no second opencode', () => {
    expect(resumeCommand(named, hosted)).toBe("opencode attach http://box:4096 --dir '/it'\\''s' -s ses_a");
    const serve = process({ kind: 'serve', ports: [4097], tty: text('pts/3') });
    expect(resumeCommand({ ...here, process: serve }, hosted)).toMatch(
      /^opencode attach http:\/\/127\.0\.0\.1:4097 --dir .* -s ses_a$/,
    );
  });

  it('resumes the session of a TUI with a port, and of opencode 2, which finds its service itself', () => {
    const tui = process({ kind: 'tui', ports: [4097], tty: text('pts/3') });
    expect(resumeCommand({ ...here, process: tui }, hosted)).toContain('opencode -s ses_a');
    expect(resumeCommand(named, { ...hosted, version: text('2.0.3') })).toContain('opencode -s ses_a');
  });
});

it('a command for a machine that ssh reaches runs over ssh, in the directory of that machine', () => {
  const box = { host: text('me@box'), elsewhere: { by: 'ssh' } } as const;
  const directory = text("/it's $HOME");
  const command = resumeCommand(box, session({ id: 'ses_a', directory }));
  expect(command).toMatch(/^ssh -t me@box '/);
  const script = `cd() { printf %s "$1"; }; opencode() { :; }; ssh() { eval "$3"; }; ${command}`;
  expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(directory);
});

import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { resumeCommand } from '../../lib/domain/resume-command.ts';
import { session, text } from '../support/builders.ts';

const here = { host: text('desk') };

it('resumes a session in its directory', () => {
  expect(resumeCommand(here, session({ id: 'ses_a', directoryPath: '/home/u/api' }))).toBe(
    'cd /home/u/api && opencode -s ses_a',
  );
  expect(resumeCommand(here, session({ id: 'ses_a', directoryPath: "/it's $HOME" }))).toBe(
    "cd '/it'\\''s $HOME' && opencode -s ses_a",
  );
});

it('means the directory and nothing else, whatever is in its name', () => {
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

it('goes to the machine first where ssh reaches it, and means the directory there', () => {
  const box = { host: text('me@box'), elsewhere: { by: 'ssh' } } as const;
  const directory = text("/it's $HOME");
  const command = resumeCommand(box, session({ id: 'ses_a', directory }));
  expect(command).toMatch(/^ssh -t me@box '/);
  const script = `cd() { printf %s "$1"; }; opencode() { :; }; ssh() { eval "$3"; }; ${command}`;
  expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(directory);
});

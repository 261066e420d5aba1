import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { resumeCommand } from '../../lib/domain/resume-command.ts';
import { session } from '../support/builders.ts';

it('resumes a session in its directory', () => {
  expect(resumeCommand(session({ id: 'ses_a', directoryPath: '/home/u/api' }))).toBe(
    'cd /home/u/api && opencode -s ses_a',
  );
  expect(resumeCommand(session({ id: 'ses_a', directoryPath: "/it's $HOME" }))).toBe(
    "cd '/it'\\''s $HOME' && opencode -s ses_a",
  );
});

it('means the directory and nothing else, whatever is in its name', () => {
  const name = fc.string({ unit: 'grapheme' }).filter((text) => text !== '' && !text.includes('\0'));
  fc.assert(
    fc.property(name, (directoryPath) => {
      const command = resumeCommand(session({ id: 'ses_a', directoryPath }));
      const script = `cd() { printf %s "$1"; }; opencode() { :; }; ${command}`;
      expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(directoryPath);
    }),
    { numRuns: 60 },
  );
});

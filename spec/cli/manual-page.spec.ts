import { spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { CommandOutline } from '../../lib/cli/command-outline.ts';
import { manualPage } from '../../lib/cli/manual-page.ts';
import manifest from '../../package.json' with { type: 'json' };

const outline: CommandOutline[] = [
  {
    name: '',
    description: 'all',
    options: [
      { long: '--sort', short: '-s', value: 'column', choices: ['status', 'title'], description: 'sort' },
    ],
    arguments: [],
  },
  {
    name: 'why',
    description: ".starts with a dot, \\ and an ellipsis… and '--dashes'",
    options: [],
    arguments: [{ name: 'pid|session', required: true, choices: [], description: 'which' }],
  },
];
const page = manualPage(outline, { version: '1.2.3', description: 'htop for opencode' });

describe('the man page', () => {
  it('is in a list in package.json, since npm 11 makes no link for a single name', () => {
    expect(manifest.man).toEqual(['dist/otop.1']);
  });

  it('has the usual sections', () => {
    const headings = [...page.matchAll(/^\.SH (.*)$/gm)].map((found) => found[1]);
    expect(headings).toEqual([
      'NAME',
      'SYNOPSIS',
      'DESCRIPTION',
      'OPTIONS',
      'COMMANDS',
      'KEYS',
      'COLUMNS',
      'EXIT STATUS',
      'ENVIRONMENT',
      'FILES',
      'SEE ALSO',
    ]);
  });

  it('contains only ASCII and no line that roff would read as a request', () => {
    expect(page).toMatch(/^[\n\x20-\x7e]+$/);
    const requests = new Set([...page.matchAll(/^[.'](\w*)/gm)].map((found) => found[1]));
    expect([...requests].sort()).toEqual(['B', 'BR', 'PP', 'SH', 'SS', 'TH', 'TP', 'br']);
  });

  const groff = spawnSync('groff', ['-man', '-ww', '-Tutf8', '-P-c'], { input: page, encoding: 'utf8' });

  it.runIf(groff.error === undefined)('is set by groff without a warning, as it was written', () => {
    const set = stripVTControlCharacters(groff.stdout.replace(/.\x08/g, ''));
    expect(groff.stderr).toBe('');
    expect(set).toContain('otop why <pid|session>');
    expect(set.replace(/\s+/g, ' ')).toContain(".starts with a dot, \\ and an ellipsis… and '--dashes'.");
    expect(set).toMatch(/-s, --sort column\n\s+Sort\. One of status, title\./);
  });
});

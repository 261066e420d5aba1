import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filledFormula, releaseOf } from '../../scripts/release-files.ts';

const changelog = `# Changelog

## [Unreleased]

- not yet

## [1.2.0] - 2026-12-01

### Fixed

- A line that goes
  on in the next one.
- Another.

## 1.2.0-rc.1 - 2026-11-30

- A candidate.

## [1.1.0]

- Without a date.

## [1.0.0] - 2026-01-01
`;

const refusal = (...call: Parameters<typeof releaseOf>) => {
  try {
    releaseOf(...call);
    return 'no refusal';
  } catch (error) {
    return error instanceof Error ? error.message : 'no error';
  }
};

describe('a release', () => {
  it('takes its notes from the changelog, an item on one line', () => {
    expect(releaseOf('v1.2.0', '1.2.0', changelog)).toEqual({
      version: '1.2.0',
      isPrerelease: false,
      npmTag: 'latest',
      notes: '### Fixed\n\n- A line that goes on in the next one.\n- Another.\n',
    });
  });

  it('goes to the tag next of npm if it is a prerelease', () => {
    expect(releaseOf('v1.2.0-rc.1', '1.2.0-rc.1', changelog)).toEqual({
      version: '1.2.0-rc.1',
      isPrerelease: true,
      npmTag: 'next',
      notes: '- A candidate.\n',
    });
  });

  it('is refused if the tag, package.json and the changelog disagree', () => {
    expect([
      refusal('1.2.0', '1.2.0', changelog),
      refusal('v1.2', '1.2.0', changelog),
      refusal('v1.2.0', '1.1.9', changelog),
      refusal('v1.2.1', '1.2.1', changelog),
      refusal('v1.1.0', '1.1.0', changelog),
      refusal('v1.0.0', '1.0.0', changelog),
      refusal('v1x2x0', '1x2x0', changelog),
    ]).toMatchInlineSnapshot(`
      [
        "the tag 1.2.0 is not a version, such as v1.2.0 or v1.2.0-rc.1",
        "the tag v1.2 is not a version, such as v1.2.0 or v1.2.0-rc.1",
        "the tag is v1.2.0, but package.json has version 1.1.9",
        "CHANGELOG.md has no heading "## [1.2.1] - YYYY-MM-DD"",
        "CHANGELOG.md has no heading "## [1.1.0] - YYYY-MM-DD"",
        "CHANGELOG.md says nothing about 1.0.0",
        "the tag v1x2x0 is not a version, such as v1.2.0 or v1.2.0-rc.1",
      ]
    `);
  });
});

describe('the Homebrew formula', () => {
  const template = readFileSync(resolve(import.meta.dirname, '../../scripts/contrib/otop.rb'), 'utf8');
  const file = {
    repository: 'someone/otop',
    version: '1.2.0',
    fileName: 'otop-1.2.0.tgz',
    sha256: 'ab'.repeat(32),
  };

  it('names the released file', () => {
    const formula = filledFormula(template, file);
    const lines = formula.split('\n').filter((line) => /^ {2}(homepage|url|sha256) /.test(line));
    expect(lines).toMatchInlineSnapshot(`
      [
        "  homepage "https://github.com/someone/otop"",
        "  url "https://github.com/someone/otop/releases/download/v1.2.0/otop-1.2.0.tgz"",
        "  sha256 "abababababababababababababababababababababababababababababababab"",
      ]
    `);
    expect(formula.split('\n')).toHaveLength(template.split('\n').length);
  });

  it('is refused without a line to fill in', () => {
    expect(() => filledFormula(template.replace('  sha256 ', '  sha512 '), file)).toThrow('no line sha256');
  });

  it("has a description within Homebrew's limits", () => {
    const description = /^ {2}desc "(.*)"$/m.exec(template)?.[1] ?? '';
    expect(description.length).toBeGreaterThan(0);
    expect(description.length).toBeLessThanOrEqual(80);
    expect(description).not.toMatch(/^(a|an|the|otop)\b|\.$/i);
  });
});

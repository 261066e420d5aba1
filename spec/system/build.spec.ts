import { describe, expect, it } from 'vitest';
import { versionText } from '../../lib/system/build.ts';
import manifest from '../../package.json' with { type: 'json' };

describe('the text of the version', () => {
  it.each([
    [undefined, ' (development build)'],
    [{ isRelease: false, commit: '' }, ' (development build)'],
    [{ isRelease: false, commit: '12ab, changed' }, ' (development build, 12ab, changed)'],
    [{ isRelease: true, commit: '12ab' }, ' (12ab)'],
    [{ isRelease: true, commit: '' }, ''],
  ])('of %o ends with "%s"', (build, end) => {
    expect(versionText(build)).toBe(manifest.version + end);
  });
});

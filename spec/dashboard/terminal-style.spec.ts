import { describe, expect, it } from 'vitest';
import { terminalStyle } from '../../lib/dashboard/terminal-style.ts';
import { type SomeSettings, settled } from '../../lib/domain/schema/configuration.ts';
import { themeStyles } from '../../lib/view/themes.ts';
import { terminalAbilities } from '../../widgets/abilities.ts';

const utf8 = { LANG: 'en_GB.UTF-8', TERM: 'xterm-256color' };
const drawn = (env: Record<string, string | undefined>, wishes: SomeSettings = {}) => {
  const { glyphs, theme } = terminalStyle(terminalAbilities(env, { isTTY: true }), settled(wishes));
  return `${glyphs.ascii ? 'ascii' : 'unicode'} ${theme === themeStyles('mono') ? 'mono' : 'colour'}`;
};

describe('the style for a terminal', () => {
  it.each([
    ['a UTF-8 locale', utf8, {}, 'unicode colour'],
    ['a locale spelt in capitals without a dash', { ...utf8, LANG: 'C.UTF8' }, {}, 'unicode colour'],
    ['LC_ALL before LANG', { ...utf8, LC_ALL: 'C' }, {}, 'ascii colour'],
    ['an empty LC_ALL, which counts as unset', { ...utf8, LC_ALL: '' }, {}, 'unicode colour'],
    ['no locale at all', { TERM: 'xterm' }, {}, 'ascii colour'],
    ['a dumb terminal', { ...utf8, TERM: 'dumb' }, {}, 'unicode mono'],
    ['the theme mono', utf8, { theme: 'mono' as const }, 'unicode mono'],
    ['the setting ascii', utf8, { ascii: true }, 'ascii colour'],
  ])('%s', (_name, env, wishes, expected) => {
    expect(drawn(env, wishes)).toBe(expected);
  });

  it('shows the selected row inverse on the Linux console, whose backgrounds are black', () => {
    const { theme } = terminalStyle(
      terminalAbilities({ ...utf8, TERM: 'linux' }, { isTTY: true }),
      settled(),
    );
    expect(theme.selected.bg).toBeUndefined();
    expect(theme.selected.inverse).toBe(true);
    expect(theme.asking).toEqual(themeStyles('default').asking);
  });
});

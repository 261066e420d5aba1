import { describe, expect, it } from 'vitest';
import { terminalAbilities } from '../../widgets/abilities.ts';

const tty = { isTTY: true };

describe('the abilities of a terminal', () => {
  it.each([
    ['a usual one', { TERM: 'tmux-256color', LANG: 'en_US.UTF-8' }, tty, [true, true, true]],
    ['a pipe', { TERM: 'xterm', LANG: 'C.utf8' }, {}, [false, true, true]],
    ['TERM=dumb', { TERM: 'dumb', LANG: 'C.UTF-8' }, tty, [false, false, true]],
    ['no TERM', { LANG: 'C.UTF-8' }, tty, [false, false, true]],
    ['LC_ALL before LANG', { TERM: 'xterm', LANG: 'C.UTF-8', LC_ALL: 'C' }, tty, [true, true, false]],
    ['no locale at all', { TERM: 'xterm' }, tty, [true, true, false]],
  ])('%s', (_name, env, stream, [screen, color, utf8]) => {
    expect(terminalAbilities(env, stream)).toMatchObject({ screen, color, utf8 });
  });
});

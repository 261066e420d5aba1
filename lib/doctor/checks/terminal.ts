import { localeVariable, localeWords, terminalAbilities } from '../../../widgets/abilities.ts';
import { hasDisplay, isOverSsh } from '../../dashboard/desktop/clipboard.ts';
import { findOnPath } from '../../system/files.ts';
import { type DoctorContext, type Finding, ok, warning } from '../finding.ts';

/** Checks whether this terminal can show the dashboard, and colours. */
export function checkColours({ env, terminal }: DoctorContext): readonly Finding[] {
  const { color, screen } = terminalAbilities(env, terminal);
  const type = `TERM is ${env.TERM || 'not set'}`;
  if (terminal.isTTY && !screen)
    return [
      warning(
        `${type}: the screen cannot be drawn, only \`otop --once\` works`,
        'set TERM to the type of your terminal',
      ),
    ];
  if (env.NO_COLOR) return [ok(`${type}, no colours because NO_COLOR is set`)];
  return [ok(`${type}, ${color ? 'colours' : 'no colours'}`)];
}

/** Checks whether the locale allows characters beyond ASCII. */
export function checkUnicode({ env, terminal }: DoctorContext): readonly Finding[] {
  const locale = localeWords(env);
  if (terminalAbilities(env, terminal).utf8) return [ok(locale)];
  return [
    warning(
      `${locale}: signs and frames are drawn in ASCII`,
      `set ${localeVariable(env) ?? 'LANG'} to C.UTF-8, or to your language with .UTF-8`,
    ),
  ];
}

/** Names the clipboard for copied text, by the same choice as `desktop/clipboard.ts`. */
export function checkClipboard(context: DoctorContext): readonly Finding[] {
  const { env, platform } = context;
  if (hasDisplay(context)) {
    if (platform === 'darwin') return [ok('pbcopy')];
    const tool = ['wl-copy', 'xsel', 'xclip'].find((each) => findOnPath(each, env) !== undefined);
    return [ok(tool ? `of the desktop, through ${tool}` : 'of the desktop')];
  }
  const place = isOverSsh(env) ? 'over SSH' : 'no desktop';
  if (env.TMUX) return [ok(`${place}: through tmux to the terminal`)];
  return [ok(`${place}: otop asks the terminal to copy (OSC 52), but some terminals ignore that`)];
}

import type { Program } from './marks.ts';

/** Quotes a word for a POSIX shell, only where it must be: a plain word is the same in every shell. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Returns a command for a shell that starts otop with an empty environment as well. */
export function shellCommand({ node, script, env }: Program, args: readonly string[]): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const words = variables.length > 0 ? ['/usr/bin/env', ...variables] : [];
  return [...words, node, script, ...args].map(shellWord).join(' ');
}

/** Quotes a word of tmux.conf. tmux expands nothing between single quotes. */
export function tmuxWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * Escapes a shell command for `#(…)` in an option of tmux, which from 3.2 on expands times (`%H`) and formats (`#S`) in it.
 * Returns the reason if tmux would misread it, since it counts parentheses and keeps `##[` for styles.
 */
export function tmuxJob(command: string): { readonly job: string } | { readonly why: string } {
  let depth = 0;
  for (const character of command.replace(/[^()]/g, '')) {
    depth += character === '(' ? 1 : -1;
    if (depth < 0) break;
  }
  if (depth !== 0 || command.includes('#[')) {
    return { why: `tmux cannot run a command with a lone parenthesis or #[ in its path: ${command}` };
  }
  return { job: `#(${command.replaceAll('#', '##').replaceAll('%', '%%')})` };
}

/** Quotes a word of a systemd command line (systemd.service(5), "COMMAND LINES"). */
export function systemdWord(word: string): string {
  return systemdValue(word).replaceAll('$', '$$$$');
}

/** Quotes a word of another setting of systemd, where `$` has no meaning (systemd.exec(5), `Environment=`). */
export function systemdValue(word: string): string {
  return `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`;
}

/** Escapes a text for XML. */
export function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

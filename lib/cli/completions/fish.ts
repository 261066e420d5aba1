import type { CommandOutline, OptionOutline } from '../command-outline.ts';
import { takesFile } from './values.ts';

/** A completion for fish 3 and newer: one `complete` a fact. */
export function fishCompletion(commands: readonly CommandOutline[]): string {
  const names = commands.map(({ name }) => name).filter((name) => name !== '');
  const lines = commands.flatMap(({ name, description, options, argument }) => {
    const when = name === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${name}`;
    const own = options.map((option) => `complete -c otop -n ${quoted(when)} ${flagsOf(option)}`);
    const choices = name === 'help' ? names : (argument?.choices ?? []);
    if (choices.length > 0) own.push(`complete -c otop -n ${quoted(when)} -a ${quoted(choices.join(' '))}`);
    if (name === '') return own;
    return [`complete -c otop -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`, ...own];
  });
  return `# fish completion for otop: otop completions fish > ~/.config/fish/completions/otop.fish
complete -c otop -f
${lines.join('\n')}
`;
}

function flagsOf(option: OptionOutline): string {
  const { short, long, value, choices, description } = option;
  const words = [`-l ${long.replace(/^--/, '')}`];
  if (short !== undefined) words.push(`-s ${short.replace(/^-/, '')}`);
  if (value !== undefined) words.push(takesFile(option) ? '-r -F' : '-x');
  if (choices.length > 0) words.push(`-a ${quoted(choices.join(' '))}`);
  return [...words, `-d ${quoted(description)}`].join(' ');
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandOutline } from '../../lib/cli/command-outline.ts';
import { bashCompletion, fishCompletion, zshCompletion } from '../../lib/cli/completions.ts';

const help = { long: '--help', short: '-h', choices: [], description: "it's what there is" };
const sort = {
  long: '--sort',
  short: '-s',
  value: 'column',
  choices: ['status', 'title'],
  description: 'sort',
};
const db = { long: '--db', value: 'path', choices: [], description: 'read [this] file: no other' };
const seed = { long: '--seed', value: 'n', choices: [], description: 'a number' };
const outline: CommandOutline[] = [
  { name: '', description: 'all', options: [db, seed, sort, help], arguments: [] },
  {
    name: 'sessions',
    description: 'print: as JSON',
    options: [db, { ...help, long: '--all', short: '-a' }],
    arguments: [],
  },
  {
    name: 'plugin',
    description: 'what is in place',
    options: [help],
    arguments: [{ name: 'action', required: true, choices: ['install', 'status'], description: 'what' }],
  },
  {
    name: 'help',
    description: 'more',
    options: [],
    arguments: [{ name: 'command', required: false, choices: [], description: 'which' }],
  },
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otop-completions-'));
  writeFileSync(join(folder, 'a file.db'), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Returns bash's completions at the end of these words; `default` if readline would complete a file name. */
function offered(...words: string[]): string[] {
  const script = `${bashCompletion(outline)}
    compopt() { fallback=; }
    fallback=default
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    _otop
    for word in "\${COMPREPLY[@]}"; do echo "$word"; done
    [[ \${#COMPREPLY[@]} -gt 0 ]] || echo "$fallback"`;
  const args = ['--norc', '--noprofile', '-c', script, 'bash', 'otop', ...words];
  return execFileSync('bash', args, { encoding: 'utf8', cwd: folder })
    .split('\n')
    .filter((line) => line !== '');
}

describe('the completion for bash, in bash', () => {
  it('offers commands and options first', () => {
    expect(offered('')).toEqual([
      'sessions',
      'plugin',
      'help',
      '--db',
      '--seed',
      '-s',
      '--sort',
      '-h',
      '--help',
    ]);
    expect(offered('se')).toEqual(['sessions']);
    expect(offered('--s')).toEqual(['--seed', '--sort']);
  });

  it("offers a command's own options and arguments after it", () => {
    expect(offered('sessions', '-')).toEqual(['--db', '-a', '--all']);
    expect(offered('plugin', 'i')).toEqual(['install']);
    expect(offered('help', 'p')).toEqual(['plugin']);
  });

  it("offers an option's choices, also after an equals sign, which bash treats as a word", () => {
    expect(offered('--sort', '')).toEqual(['status', 'title']);
    expect(offered('-s', 't')).toEqual(['title']);
    expect(offered('--sort', '=')).toEqual(['status', 'title']);
    expect(offered('--sort', '=', 'st')).toEqual(['status']);
  });

  it('leaves only file names to readline', () => {
    expect(offered('--db', '')).toEqual(['default']);
    expect(offered('sessions', '--db', 'a')).toEqual(['default']);
    expect(offered('--seed', '')).toEqual([]);
    expect(offered('sessions', 'nothing')).toEqual([]);
  });

  it('does not treat the value of an option as the command', () => {
    expect(offered('--db', 'plugin', 'sessions', '--a')).toEqual(['--all']);
    expect(offered('--sort', '=', 'title', 'plugin', 's')).toEqual(['status']);
  });
});

describe('the completions for other shells', () => {
  it('are declarations for zsh, with its syntax characters quoted', () => {
    expect(zshCompletion(outline)).toMatchInlineSnapshot(`
      "#compdef otop
      # zsh completion for otop; put it as _otop into a folder of $fpath, or: source <(otop completions zsh)
      _otop() {
        local curcontext="$curcontext" state line
        local -a commands
        commands=(
          'sessions:print\\: as JSON'
          'plugin:what is in place'
          'help:more'
        )
        _arguments -C \\
          '--db=[read \\[this\\] file\\: no other]:path:_files' \\
          '--seed=[a number]:n:' \\
          '(-s --sort)'{-s+,--sort=}'[sort]:column:(status title)' \\
          '(-h --help)'{-h,--help}'[it'\\''s what there is]' \\
          '1: :->command' '*:: :->rest'
        case $state in
          command) _describe -t commands command commands ;;
          rest)
            case $words[1] in
              sessions) _arguments '--db=[read \\[this\\] file\\: no other]:path:_files' '(-a --all)'{-a,--all}'[it'\\''s what there is]' ;;
              plugin) _arguments '(-h --help)'{-h,--help}'[it'\\''s what there is]' '1:action:(install status)' ;;
              help) _arguments '1: :{_describe -t commands command commands}' ;;
            esac ;;
        esac
      }
      if [[ $funcstack[1] == _otop ]]; then _otop "$@"; else compdef _otop otop; fi
      "
    `);
  });

  it('are declarations for fish', () => {
    expect(fishCompletion(outline)).toMatchInlineSnapshot(`
      "# fish completion for otop: otop completions fish > ~/.config/fish/completions/otop.fish
      complete -c otop -f
      complete -c otop -n '__fish_use_subcommand' -l db -r -F -d 'read [this] file: no other'
      complete -c otop -n '__fish_use_subcommand' -l seed -x -d 'a number'
      complete -c otop -n '__fish_use_subcommand' -l sort -s s -x -a 'status title' -d 'sort'
      complete -c otop -n '__fish_use_subcommand' -l help -s h -d 'it\\'s what there is'
      complete -c otop -n __fish_use_subcommand -a sessions -d 'print: as JSON'
      complete -c otop -n '__fish_seen_subcommand_from sessions' -l db -r -F -d 'read [this] file: no other'
      complete -c otop -n '__fish_seen_subcommand_from sessions' -l all -s a -d 'it\\'s what there is'
      complete -c otop -n __fish_use_subcommand -a plugin -d 'what is in place'
      complete -c otop -n '__fish_seen_subcommand_from plugin' -l help -s h -d 'it\\'s what there is'
      complete -c otop -n '__fish_seen_subcommand_from plugin' -a 'install status'
      complete -c otop -n __fish_use_subcommand -a help -d 'more'
      complete -c otop -n '__fish_seen_subcommand_from help' -a 'sessions plugin help'
      "
    `);
  });

  const installed = (shell: string) => {
    try {
      execFileSync(shell, ['-c', 'true']);
      return true;
    } catch {
      // The shell is not installed on this machine. The snapshots above check it.
      return false;
    }
  };

  it.runIf(installed('zsh'))('are accepted by zsh', () => {
    execFileSync('zsh', ['-n', '-c', zshCompletion(outline)]);
  });

  it.runIf(installed('fish'))('are accepted by fish', () => {
    execFileSync('fish', ['-n', '-c', fishCompletion(outline)]);
  });
});

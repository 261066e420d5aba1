import { Command, InvalidArgumentError } from 'commander';

/** Options of a run of the rig. */
export interface RigOptions {
  readonly versions: readonly string[];
  readonly panes: number;
  /** Each version is played with each seed. */
  readonly seeds: readonly number[];
  /** Names of stories to play after the scenes, or `all`; those of opencode 1 and of the preview have separate lists. */
  readonly stories: readonly string[];
  readonly scenes: boolean;
  /** Seconds of sampling during transitions. */
  readonly watchSeconds: number;
  /** Number of rounds of the delay measurement. */
  readonly noticeRounds: number;
  /** Installs otop's plugin first and checks that its matches are certain. */
  readonly plugin: boolean;
  /** Prints the truth and does not run otop. */
  readonly truthOnly: boolean;
  /** A file to which each run appends its results as a line of JSON. */
  readonly resultsPath: string | undefined;
}

/** The versions of `all`: one of each kind still in use. */
const allVersions = ['1.2.27', '1.14.41', '1.15.13', '1.17.19', '1.18.33'];

function versions(text: string): readonly string[] {
  return text === 'all' ? allVersions : text.split(',');
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number is wanted');
  return Number(text);
}

function seeds(text: string): readonly number[] {
  return text.split(',').map(whole);
}

/** Parses the command line; ends the process with a message if it is invalid. */
export function parseOptions(argv: readonly string[]): RigOptions {
  const command = new Command('spec:real')
    .description('Real opencode in tmux against a scripted model server; scores `otop sessions --all`.')
    .option(
      '--opencode <versions>',
      'which opencode to install and run, several by comma; `all` of opencode 1, or `preview`: the opencode 2 in npm',
      versions,
      ['1.18.33'],
    )
    .option('--panes <number>', 'how many panes; of the preview, sessions', whole, 6)
    .option('--seed <numbers>', 'what decides which pane does what; several by comma', seeds, [1])
    .option('--stories <names>', 'stories to play, by name and comma, or `all`', '')
    .option('--no-scenes', 'leave the scenes out')
    .option('--watch <seconds>', 'sample through transitions for so long', whole, 0)
    .option('--notice <rounds>', 'time how soon otop shows what panes show', whole, 0)
    .option('--plugin', "install otop's plugin first, and hold what it promises", false)
    .option('--results <file>', 'add the results to this file, a line of JSON for each run')
    .option('--truth', 'print what is true without asking otop', false)
    .parse([...argv], { from: 'user' });
  const flags = command.opts();
  return {
    versions: flags.opencode,
    panes: flags.panes,
    seeds: flags.seed,
    stories: String(flags.stories).split(',').filter(Boolean),
    scenes: flags.scenes,
    watchSeconds: flags.watch,
    noticeRounds: flags.notice,
    plugin: flags.plugin,
    truthOnly: flags.truth,
    resultsPath: flags.results,
  };
}

import { Command, InvalidArgumentError } from 'commander';

/** What a run of the rig is asked to do. */
export interface RigOptions {
  readonly version: string;
  readonly panes: number;
  readonly seed: number;
  /** Stories to play after the scenes; instead of them where scenes are off. */
  readonly stories: readonly string[];
  readonly scenes: boolean;
  /** Seconds of sampling through transitions. */
  readonly watchSeconds: number;
  /** Print what is true and leave otop out of it. */
  readonly truthOnly: boolean;
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number is wanted');
  return Number(text);
}

/** Reads the command line; ends the process with a message where it is wrong. */
export function parseOptions(argv: readonly string[]): RigOptions {
  const command = new Command('spec:real')
    .description('Real opencode in tmux against a scripted model server; scores `otop sessions --all`.')
    .option('--opencode <version>', 'which opencode to install and run', '1.18.33')
    .option('--panes <number>', 'how many panes', whole, 6)
    .option('--seed <number>', 'what decides which pane does what', whole, 1)
    .option('--stories <names>', 'stories to play, by name and comma, or `all`', '')
    .option('--no-scenes', 'leave the scenes out')
    .option('--watch <seconds>', 'sample through transitions for so long', whole, 0)
    .option('--truth', 'print what is true without asking otop', false)
    .parse([...argv], { from: 'user' });
  const flags = command.opts();
  return {
    version: flags.opencode,
    panes: flags.panes,
    seed: flags.seed,
    stories: String(flags.stories).split(',').filter(Boolean),
    scenes: flags.scenes,
    watchSeconds: flags.watch,
    truthOnly: flags.truth,
  };
}

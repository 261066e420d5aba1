import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { commandNames, declaredCommandLine } from '../../lib/cli/command-line.ts';
import manifest from '../../package.json' with { type: 'json' };
import {
  commandsIn,
  mentionedCommandsOf,
  otopArguments,
  shellCommandsOf,
  userDocuments,
} from '../support/documents.ts';

/** Programs other than otop and npm, which no spec runs. */
const otherPrograms: Readonly<Record<string, string>> = {
  curl: 'asks a running serve; spec/serve has the same requests',
  mkdir: 'makes the folder of the configuration',
  npx: 'needs a packed release; `npm run package:try` runs the same line',
  prometheus: 'not installed for the specs; spec/package checks its files',
  ssh: 'needs another machine; spec/sources/host starts an sshd of its own',
  watch: 'runs until a key; its otop is run without it',
};

/** Subcommands of npm that are no scripts. */
const npmCommands: readonly string[] = ['install', 'ci'];

const shell = userDocuments.flatMap(shellCommandsOf);
const mentioned = userDocuments.flatMap(mentionedCommandsOf);

/** What the command line refuses, in words; undefined if it takes the arguments. Runs nothing. */
async function refusalOf(args: readonly string[]): Promise<string | undefined> {
  const silent = { writeOut: () => undefined, writeErr: () => undefined };
  const program = declaredCommandLine((each) => each.configureOutput(silent));
  for (const command of [program, ...program.commands]) command.action(() => undefined);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? undefined : error.message;
  }
  return undefined;
}

describe('the commands in README and docs', () => {
  it('of otop are taken by the command line', async () => {
    const refused: string[] = [];
    let count = 0;
    for (const command of [...shell, ...mentioned]) {
      const args = otopArguments(command);
      if (args === undefined) continue;
      count += 1;
      // A sentence may name a command without its argument.
      if (mentioned.includes(command) && args.length === 1 && commandNames.includes(args[0] ?? '')) continue;
      const refusal = await refusalOf(args);
      if (refusal !== undefined) refused.push(`${command.document}: ${command.line}: ${refusal}`);
    }
    expect(refused).toEqual([]);
    expect(count).toBeGreaterThan(80);
  });

  it('of npm are scripts of package.json, or known', () => {
    const npm = shell.filter(({ words }) => words[0] === 'npm');
    const unknown = npm.filter(({ words: [, name = '', script = ''] }) =>
      name === 'run'
        ? !Object.hasOwn(manifest.scripts, script)
        : !Object.hasOwn(manifest.scripts, name) && !npmCommands.includes(name),
    );
    expect(unknown).toEqual([]);
    expect(npm.length).toBeGreaterThan(3);
  });

  it('of other programs are listed with the reason why no spec runs them', () => {
    const others = shell.map(({ words: [program = ''] }) => program);
    const unlisted = others.filter(
      (program) => !['otop', 'npm', ...Object.keys(otherPrograms)].includes(program),
    );
    expect(unlisted).toEqual([]);
    expect(Object.keys(otherPrograms).filter((program) => !others.includes(program))).toEqual([]);
  });

  it.each([
    ["otop sessions --filter 'a b' # why", [['otop', 'sessions', '--filter', 'a b']]],
    ['a && b > file; c "d e"', [['a'], ['b'], ['c', 'd e']]],
    [
      'otop man | man -l -',
      [
        ['otop', 'man'],
        ['man', '-l', '-'],
      ],
    ],
    ['serve & curl -H "A: $(cat x)" u#v', [['serve'], ['curl', '-H', 'A: $(cat x)', 'u#v']]],
    ['# only a comment', []],
  ])('are found in %j', (line, commands) => {
    expect(commandsIn(line)).toEqual(commands);
  });

  it('are judged', async () => {
    expect(await refusalOf(['sessions', '--watch'])).toBeUndefined();
    expect(await refusalOf(['--help'])).toBeUndefined();
    expect(await refusalOf(['sessions', '--sort', 'cost'])).toMatch(/no option '--sort'/);
    expect(await refusalOf(['frobnicate'])).toMatch(/unknown command/);
    expect(await refusalOf(['waiting', '--filter', 'status:beauty'])).toMatch(/status/);
  });
});

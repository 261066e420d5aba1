import { afterEach, describe, expect, it, vi } from 'vitest';
import { plainCommand, plainCommands } from '../../lib/cli/plain-commands.ts';
import { statusFormats } from '../../lib/domain/board/status-format-names.ts';
import { runCommandIn } from '../support/command.ts';

const names = Object.keys(plainCommands) as (keyof typeof plainCommands)[];

afterEach(() => vi.restoreAllMocks());

describe('a command line of a name alone', () => {
  it.each([
    ...names.map((name) => (name === '' ? [] : [name])),
    ...statusFormats.flatMap((format) => [
      ['status', '--format', format],
      ['status', `--format=${format}`],
    ]),
  ])('is understood as the whole command line understands it: %s %s %s', async (...args) => {
    const plain = plainCommand(args);
    const run = vi.spyOn(plainCommands, plain?.name ?? '').mockResolvedValue(0);
    await runCommandIn(args, { HOME: '/nowhere' });
    expect(run).toHaveBeenCalledOnce();
    expect(run.mock.calls[0]?.[0]).toEqual(plain?.options);
  });

  it.each([
    ['an option', ['status', '--all']],
    ['an option before the name', ['--all', 'status']],
    ['a format that there is not', ['status', '--format', 'beauty']],
    ['a format of no name', ['status', '--format']],
    ['a format twice', ['status', '--format', 'tmux', 'tmux']],
    ['a word that holds both', ['status', '--format tmux']],
    ['a format of another command', ['waiting', '--format', 'tmux']],
    ['another command', ['doctor']],
    ['an unknown one', ['constructor']],
    ['help', ['--help']],
  ])('is not one with %s', (_what, args) => {
    expect(plainCommand(args)).toBeUndefined();
  });
});

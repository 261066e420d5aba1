import { afterEach, describe, expect, it, vi } from 'vitest';
import { plainCommand, plainCommands } from '../../lib/cli/plain-commands.ts';
import { statusFormats } from '../../lib/domain/board/status-format-names.ts';
import { runCommandIn } from '../support/command.ts';

const names = Object.keys(plainCommands) as (keyof typeof plainCommands)[];

afterEach(() => vi.restoreAllMocks());

describe('a command line of only a name', () => {
  it.each([
    ...names.map((name) => (name === '' ? [] : [name])),
    ...statusFormats.flatMap((format) => [
      ['status', '--format', format],
      ['status', `--format=${format}`],
    ]),
  ])('is parsed like the full command line: %s %s %s', async (...args) => {
    const plain = plainCommand(args);
    const run = vi.spyOn(plainCommands, plain?.name ?? '').mockResolvedValue(0);
    await runCommandIn(args, { HOME: '/nowhere' });
    expect(run).toHaveBeenCalledOnce();
    expect(run.mock.calls[0]?.[0]).toEqual(plain?.options);
  });

  it.each([
    ['an option', ['status', '--all']],
    ['an option before the name', ['--all', 'status']],
    ['an unknown format', ['status', '--format', 'beauty']],
    ['--format without a value', ['status', '--format']],
    ['a format twice', ['status', '--format', 'tmux', 'tmux']],
    ['an option and its value in one word', ['status', '--format tmux']],
    ['a format of another command', ['waiting', '--format', 'tmux']],
    ['another command', ['doctor']],
    ['a name from Object.prototype', ['constructor']],
    ['help', ['--help']],
  ])('is left to commander with %s', (_what, args) => {
    expect(plainCommand(args)).toBeUndefined();
  });
});

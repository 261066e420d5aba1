import type { Options } from '../config/options.ts';
import { isStatusFormat } from '../domain/board/status-format-names.ts';
import type { Context } from '../system/context.ts';

/** The commands that can start without commander. Each one loads its code when it runs, and resolves with the exit code. */
export const plainCommands = {
  async ''(options: Options, context: Context): Promise<number> {
    const { runDashboard } = await import('../commands/dashboard.ts');
    return runDashboard(options, context);
  },
  async sessions(options: Options, context: Context): Promise<number> {
    if (options.watch) {
      const { watchSessions } = await import('../commands/watch.ts');
      return watchSessions(options, context);
    }
    const { printSessions } = await import('../commands/sessions.ts');
    return printSessions(options, context);
  },
  async waiting(options: Options, context: Context): Promise<number> {
    const { printWaiting } = await import('../commands/waiting.ts');
    return printWaiting(options, context);
  },
  async next(options: Options, context: Context): Promise<number> {
    const { jumpToNext } = await import('../commands/next.ts');
    return jumpToNext(options, context);
  },
  async status(options: Options, context: Context): Promise<number> {
    const { printStatus } = await import('../commands/status.ts');
    return printStatus(options, context);
  },
  async 'bar-status'(options: Options, context: Context): Promise<number> {
    const { printStatus } = await import('../commands/status.ts');
    return printStatus({ ...options, format: 'swiftbar' }, context);
  },
};

type PlainName = keyof typeof plainCommands;

/** A command without commander's parsing, with the options that commander would have parsed. */
interface PlainCommand {
  readonly name: PlainName;
  readonly options: Options;
}

const noOptions: Options = { color: true, mouse: true };

/**
 * Parses a command line of only a command's name, or `status --format FORMAT`, which bars run every few seconds. This
 * skips loading commander and the option table, a tenth of a status line's time. Returns undefined for every other
 * command line, valid or not: commander must parse it.
 */
export function plainCommand([name = '', ...rest]: readonly string[]): PlainCommand | undefined {
  if (!isPlainName(name)) return undefined;
  const format = name === 'status' ? formatOf(rest) : undefined;
  if (format !== undefined) return { name, options: { ...noOptions, format } };
  return rest.length === 0 ? { name, options: noOptions } : undefined;
}

function isPlainName(word: string): word is PlainName {
  return Object.hasOwn(plainCommands, word);
}

function formatOf(words: readonly string[]): Options['format'] {
  const format = words.length === 0 ? 'plain' : /^--format[=\0]([a-z]+)$/.exec(words.join('\0'))?.[1];
  return format !== undefined && isStatusFormat(format) ? format : undefined;
}

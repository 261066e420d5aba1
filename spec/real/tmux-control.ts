import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A client in tmux's control mode: commands and responses go over a pipe, without a process per command. */
export interface TmuxControl {
  /** Resolves with the output of one command, or '' if it failed, for example because the pane is gone. */
  ask(...words: readonly string[]): Promise<string>;
  close(): void;
}

/** Quotes a word for tmux, which parses a line as its configuration: in single quotes only the quote is special. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * Attaches to a server's session with the given tmux options. Each response is between `%begin` and `%end` (or `%error`)
 * with flag 1, in the order of the commands. Other lines are notifications; blocks with flag 0 belong to no command.
 */
export function openTmuxControl(
  base: readonly string[],
  session: string,
  env: Readonly<Record<string, string>>,
): TmuxControl {
  const client = spawn('tmux', [...base, '-C', 'attach', '-t', session], {
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const waiting: ((text: string) => void)[] = [];
  let block: { readonly end: string; readonly lines: string[] } | undefined;
  createInterface({ input: client.stdout }).on('line', (line) => {
    if (block === undefined) {
      const stamp = /^%begin (\d+ \d+ 1)$/.exec(line)?.[1];
      if (stamp !== undefined) block = { end: stamp, lines: [] };
      return;
    }
    const isEnd = line === `%end ${block.end}`;
    if (!isEnd && line !== `%error ${block.end}`) {
      block.lines.push(line);
      return;
    }
    waiting.shift()?.(isEnd ? block.lines.join('\n') : '');
    block = undefined;
  });
  const answerAll = (): void => {
    for (const answer of waiting.splice(0)) answer('');
  };
  client.once('close', answerAll);
  client.once('error', answerAll);
  return {
    ask: (...words) =>
      new Promise((resolve) => {
        if (client.exitCode !== null || !client.stdin.writable) return resolve('');
        waiting.push(resolve);
        client.stdin.write(`${words.map(quoted).join(' ')}\n`);
      }),
    close: () => client.stdin.end(),
  };
}

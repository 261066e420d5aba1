import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A client in tmux's control mode: commands and answers go over a pipe, and nothing is forked for them. */
export interface TmuxControl {
  /** What one command prints; '' where it failed, as with a pane that is gone. */
  ask(...words: readonly string[]): Promise<string>;
  close(): void;
}

/** tmux reads a line as its configuration: in single quotes everything but the quote stands for itself. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * Attaches to a server's session by the given tmux command line. Each answer stands between `%begin` and `%end` (or
 * `%error`) with flag 1, in the order of the commands; other lines are notices, and blocks with flag 0 not ours.
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
  const giveUp = (): void => {
    for (const answer of waiting.splice(0)) answer('');
  };
  client.once('close', giveUp);
  client.once('error', giveUp);
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

import type { TmuxPane } from '../../domain/process/process.ts';
import type { Run } from '../../system/run-program.ts';

const patienceMs = 1000;
/** Stands between two panes' texts; no opencode prints it on a line of its own. */
const separator = '=====otop=====';

/**
 * The visible text of several panes of one tmux server, as lines by pane id, read by one command whatever their
 * number. A pane that is gone ends the command: those after it are left out, and so are all where tmux gives no answer.
 */
export async function capturePanes(
  socketPath: string,
  panes: readonly TmuxPane[],
  run: Run,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const commands = panes.flatMap(({ paneId }) => [
    ...['capture-pane', '-p', '-t', paneId, ';'],
    ...['display-message', '-p', separator, ';'],
  ]);
  const result = await run('tmux', ['-u', '-S', socketPath, ...commands], { timeoutMs: patienceMs });
  if (result.kind !== 'ended') return new Map();
  const texts = result.stdout.split(`${separator}\n`).slice(0, -1);
  return new Map(
    texts.flatMap((text, index) => {
      const pane = panes[index];
      return pane === undefined ? [] : [[pane.paneId, text.split('\n')] as const];
    }),
  );
}

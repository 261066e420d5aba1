import type { TmuxPane } from '../../domain/process/process.ts';
import type { Run } from '../../system/run-program.ts';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import { parseSgr, type StyledText, type TextLook } from '../../text/sgr.ts';

/** What a tmux pane shows now, or why that is not known, in words. */
export type PaneCapture =
  | { readonly kind: 'lines'; readonly lines: readonly (readonly StyledText[])[] }
  | { readonly kind: 'none'; readonly why: DisplayText };

const patienceMs = 1000;
/** A pane of more lines than any screen has: enough is enough. */
const mostLines = 500;

/** Reads what a pane shows, colours included, without its empty lines at the end; never rejects. */
export async function capturePane(pane: TmuxPane, run: Run): Promise<PaneCapture> {
  const args = ['-u', '-S', pane.socketPath, 'capture-pane', '-e', '-p', '-t', pane.paneId];
  const result = await run('tmux', args, { timeoutMs: patienceMs });
  if (result.kind === 'timeout')
    return { kind: 'none', why: sanitize(`tmux at ${pane.socketPath} gives no answer`) };
  if (result.kind !== 'ended' || result.exitCode !== 0)
    return { kind: 'none', why: sanitize(`the pane ${pane.target} is gone`) };
  let look: TextLook = {};
  const lines = result.stdout.split('\n', mostLines).map((raw) => {
    const parsed = parseSgr(raw, look);
    look = parsed.look;
    return parsed.pieces;
  });
  while (lines.at(-1)?.every(({ text }) => text.trim() === '')) lines.pop();
  return { kind: 'lines', lines };
}

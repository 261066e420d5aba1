import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import type { Row } from './board.ts';

/**
 * The line that tells most of a session now: what it waits for or works on while it does; the last line the model
 * said once it rests. While the model streams the database holds no text (opencode.md, "Work inside a step"), so then it is
 * the last line on the terminal where that was read, else what the session is doing. Undefined where nothing was said or asked yet.
 */
export function lastOutput({ state, session, streamed }: Row): DisplayText | undefined {
  const said = session?.lastOutput ?? session?.lastPrompt?.text;
  switch (state.name) {
    case 'asking':
    case 'tool use':
      return joined(state.tool, state.detail) ?? said;
    case 'error':
    case 'retrying':
    case 'queued':
    case 'thinking':
      return state.detail ?? said;
    case 'generating':
      return streamed ?? sanitize('writing');
    case 'compacting':
      return sanitize('summarising the conversation');
    case 'truncated':
    case 'stale':
    case 'idle':
    case 'new':
      return said;
  }
}

/** `bash: npm test`. */
function joined(tool: DisplayText | undefined, detail: DisplayText | undefined): DisplayText | undefined {
  if (tool === undefined || detail === undefined) return tool ?? detail;
  return sanitize(`${tool}: ${detail}`);
}

import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import type { Row } from './board.ts';

/**
 * The most informative line of a session: its wait or its work, or at rest the last line of the model. During the stream
 * the database holds no text (opencode.md, "Work inside a step"), so the line comes from the terminal, else it names the
 * activity. Undefined before the first prompt.
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

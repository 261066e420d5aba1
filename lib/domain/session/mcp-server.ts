import type { DisplayText } from '../../text/sanitize.ts';

/** An MCP server as opencode's config names it. */
export interface McpServer {
  readonly name: DisplayText;
  readonly type: 'local' | 'remote' | 'unknown';
  /** The command line, or the URL without its user, query and fragment, where keys are put. */
  readonly endpoint?: DisplayText;
  readonly enabled: boolean;
  /** The last file that says something of it. */
  readonly from: DisplayText;
}

import type { DisplayText } from '../../text/sanitize.ts';

/** An MCP server in opencode's configuration. */
export interface McpServer {
  readonly name: DisplayText;
  readonly type: 'local' | 'remote' | 'unknown';
  /** The command line, or the URL without user, query and fragment, since these often hold keys. */
  readonly endpoint?: DisplayText;
  readonly enabled: boolean;
  /** The last configuration file that mentions the server. */
  readonly from: DisplayText;
}

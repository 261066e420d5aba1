import type { Trouble } from '../../domain/board/board.ts';
import type { McpServer } from '../../domain/session/mcp-server.ts';
import { sanitize } from '../../text/sanitize.ts';
import { isObject, type JsonObject, type OpencodeConfig } from './configuration.ts';

/**
 * The MCP servers configured for a directory's sessions, by name; a stronger file adds to and overrides a weaker
 * one's entry, field by field. Environment and headers are never looked at: they hold secrets.
 */
export function readMcpServers(
  config: OpencodeConfig,
  directoryPath?: string,
): { readonly servers: readonly McpServer[]; readonly troubles: readonly Trouble[] } {
  const { files, troubles } = config.read(directoryPath);
  const entries = new Map<string, { value: JsonObject; path: string }>();
  for (const { path, value } of files) {
    if (!isObject(value.mcp)) continue;
    for (const [name, entry] of Object.entries(value.mcp)) {
      if (isObject(entry)) entries.set(name, { value: { ...entries.get(name)?.value, ...entry }, path });
    }
  }
  const servers = [...entries].map(([name, { value, path }]) => serverOf(name, value, path));
  return { servers: servers.toSorted((a, b) => (a.name < b.name ? -1 : 1)), troubles };
}

function serverOf(name: string, { type, command, url, enabled }: JsonObject, path: string): McpServer {
  const endpoint = typeof url === 'string' ? withoutSecrets(url) : commandLine(command);
  return {
    name: sanitize(name),
    type: type === 'local' || type === 'remote' ? type : 'unknown',
    ...(endpoint !== undefined && { endpoint: sanitize(endpoint) }),
    enabled: enabled !== false,
    from: sanitize(path),
  };
}

function commandLine(command: unknown): string | undefined {
  if (typeof command === 'string') return command;
  return Array.isArray(command) ? command.filter((word) => typeof word === 'string').join(' ') : undefined;
}

function withoutSecrets(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}

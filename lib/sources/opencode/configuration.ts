import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import type { Trouble } from '../../domain/board/board.ts';
import type { McpServer } from '../../domain/session/mcp-server.ts';
import { errorCode, readPlainFile } from '../../system/files.ts';
import { xdgFolder } from '../../system/folders.ts';
import type { Surroundings } from '../../system/surroundings.ts';
import { sanitize } from '../../text/sanitize.ts';

/** A parsed JSON object with fields of unknown types. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** An existing config file of opencode. */
interface ConfigFile {
  readonly path: string;
  readonly value: JsonObject;
}

/** The config files that apply to a directory, weakest first, and their troubles. */
export interface ConfigReading {
  readonly files: readonly ConfigFile[];
  readonly troubles: readonly Trouble[];
}

/** The last read of one file. */
interface CachedFile {
  readonly mtimeMs: number;
  readonly sizeBytes: number;
  readonly value?: JsonObject;
  readonly trouble?: Trouble;
}

/** A config has a few kilobytes; a larger file is not a config. */
const sizeLimitBytes = 2 * 1024 * 1024;

/**
 * opencode's own config, read only: JSON with comments and trailing commas. A broken file is a trouble with file, line
 * and fault; its last good content stays, else the part that can be parsed. `{env:…}` and `{file:…}` are not replaced,
 * since they stand for secrets.
 */
export class OpencodeConfig {
  readonly #surroundings: Surroundings;
  readonly #known = new Map<string, CachedFile>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /**
   * The config for sessions of a directory; without a directory, only the global files. Reads only files that changed.
   */
  read(directoryPath?: string): ConfigReading {
    const read = configPaths(this.#surroundings, directoryPath).map((path) => ({
      path,
      ...this.#readFile(path),
    }));
    return {
      files: read.flatMap(({ path, value }) => (value === undefined ? [] : [{ path, value }])),
      troubles: read.flatMap(({ trouble }) => trouble ?? []),
    };
  }

  #readFile(path: string): Pick<CachedFile, 'value' | 'trouble'> {
    const before = this.#known.get(path);
    try {
      // Most paths have no file, and an exception for each would be the most expensive part of the read.
      const status = statSync(path, { throwIfNoEntry: false });
      if (status === undefined) {
        this.#known.delete(path);
        return {};
      }
      const { mtimeMs, size } = status;
      if (before?.mtimeMs === mtimeMs && before.sizeBytes === size) return before;
      const known = { mtimeMs, sizeBytes: size, ...parseConfig(path, size, before?.value) };
      this.#known.set(path, known);
      return known;
    } catch (error) {
      this.#known.delete(path);
      const code = errorCode(error) ?? String(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') return {};
      return { trouble: trouble(isHidden(path) ? dirname(path) : path, `cannot be read (${code})`) };
    }
  }
}

/** True if the folder of a file may not be searched: then all its files have this one trouble. */
function isHidden(path: string): boolean {
  try {
    statSync(path);
    return false;
  } catch (error) {
    return errorCode(error) === 'EACCES';
  }
}

function parseConfig(
  path: string,
  sizeBytes: number,
  lastGood?: JsonObject,
): Pick<CachedFile, 'value' | 'trouble'> {
  const lastValue = lastGood === undefined ? {} : { value: lastGood };
  if (sizeBytes > sizeLimitBytes)
    return { ...lastValue, trouble: trouble(path, 'is too large for a config') };
  const text = readPlainFile(path).replace(/^\uFEFF/, '');
  const errors: ParseError[] = [];
  let value: unknown;
  try {
    value = parse(text, errors, { allowTrailingComma: true });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { ...lastValue, trouble: trouble(path, 'is nested too deeply') };
  }
  const [first] = errors;
  if (first !== undefined) {
    const line = text.slice(0, first.offset).split('\n').length;
    const fault = trouble(`${path}:${line}`, spelledOut(printParseErrorCode(first.error)));
    return { ...(isObject(value) && { value }), ...lastValue, trouble: fault };
  }
  return isObject(value) ? { value } : { ...lastValue, trouble: trouble(path, 'is not a JSON object') };
}

/** True for a JSON object, which a config and each of its sections must be. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function trouble(where: string, what: string): Trouble {
  return { source: 'config', text: sanitize(`opencode config ${where}: ${what}`) };
}

/** Converts `CommaExpected` to `comma expected`. */
function spelledOut(code: string): string {
  return code.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}

/**
 * The MCP servers configured for a directory's sessions, sorted by name. A stronger file overrides the fields of a
 * weaker one's entry. Environment and headers are never read, since they hold secrets.
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

/**
 * The paths of opencode's config files for a directory, weakest first: the global files, OPENCODE_CONFIG, the project's
 * files from the repository's root down, `.opencode` folders, `~/.opencode`, OPENCODE_CONFIG_DIR (opencode.md,
 * "Configuration files"). Excludes an organisation's config from the network and OPENCODE_CONFIG_CONTENT. Uses otop's
 * own environment, since that of another process cannot be read reliably.
 */
export function configPaths(surroundings: Surroundings, directoryPath?: string): string[] {
  const { env, homeDir } = surroundings;
  const global = join(xdgFolder('config', surroundings), 'opencode');
  const withProject = directoryPath !== undefined && !env.OPENCODE_DISABLE_PROJECT_CONFIG;
  const folders = withProject ? foldersUpwards(directoryPath) : [];
  const downwards = folders.toReversed();
  const paths = [
    ...['config.json', 'opencode.json', 'opencode.jsonc'].map((name) => join(global, name)),
    ...(env.OPENCODE_CONFIG ? [env.OPENCODE_CONFIG] : []),
    ...['opencode.jsonc', 'opencode.json'].flatMap((name) => downwards.map((folder) => join(folder, name))),
    ...[...folders, homeDir].flatMap((folder) => bothNames(join(folder, '.opencode'))),
    ...(env.OPENCODE_CONFIG_DIR ? bothNames(env.OPENCODE_CONFIG_DIR) : []),
  ];
  return [...new Set(paths)];
}

function bothNames(folder: string): string[] {
  return [join(folder, 'opencode.jsonc'), join(folder, 'opencode.json')];
}

/** A directory and its parents, up to the root of its repository, or to the file system's root if it is in none. */
function foldersUpwards(directoryPath: string): string[] {
  const folders = [directoryPath];
  for (let folder = directoryPath; !existsSync(join(folder, '.git')); ) {
    const parent = dirname(folder);
    if (parent === folder) break;
    folders.push(parent);
    folder = parent;
  }
  return folders;
}

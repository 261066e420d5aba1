import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import type { Trouble } from '../../domain/board/board.ts';
import type { McpServer } from '../../domain/session/mcp-server.ts';
import { errorCode, readPlainFile } from '../../system/files.ts';
import { xdgFolder } from '../../system/folders.ts';
import type { Surroundings } from '../../system/surroundings.ts';
import { sanitize } from '../../text/sanitize.ts';

/** A JSON object as it was written: nothing about its fields is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** One config file of opencode's that exists. */
interface ConfigFile {
  readonly path: string;
  readonly value: JsonObject;
}

/** The config files that apply to a directory, weakest first, and what is wrong with them. */
export interface ConfigReading {
  readonly files: readonly ConfigFile[];
  readonly troubles: readonly Trouble[];
}

interface Known {
  readonly mtimeMs: number;
  readonly sizeBytes: number;
  readonly value?: JsonObject;
  readonly trouble?: Trouble;
}

/** A config is some kilobytes; what is larger than this is something else. */
const sizeLimitBytes = 2 * 1024 * 1024;

/**
 * opencode's own config, read only: JSON with comments and trailing commas, as opencode takes it. A broken file is
 * a trouble that names file, line and fault; its last good content stays, or else what of it can be understood.
 * Values are as written: `{env:…}` and `{file:…}` are not filled in, for they stand for secrets.
 */
export class OpencodeConfig {
  readonly #places: Surroundings;
  readonly #known = new Map<string, Known>();

  constructor(places: Surroundings) {
    this.#places = places;
  }

  /** What applies to sessions of a directory; only the global files without one. A file is read again when it changed. */
  read(directoryPath?: string): ConfigReading {
    const read = configPaths(this.#places, directoryPath).map((path) => ({ path, ...this.#readFile(path) }));
    return {
      files: read.flatMap(({ path, value }) => (value === undefined ? [] : [{ path, value }])),
      troubles: read.flatMap(({ trouble }) => trouble ?? []),
    };
  }

  #readFile(path: string): Pick<Known, 'value' | 'trouble'> {
    const before = this.#known.get(path);
    try {
      // Most of the places have no file, and an exception for each is the dearest part of asking.
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
      return code === 'ENOENT' || code === 'ENOTDIR'
        ? {}
        : { trouble: trouble(path, `cannot be read (${code})`) };
    }
  }
}

function parseConfig(
  path: string,
  sizeBytes: number,
  lastGood?: JsonObject,
): Pick<Known, 'value' | 'trouble'> {
  const kept = lastGood === undefined ? {} : { value: lastGood };
  if (sizeBytes > sizeLimitBytes) return { ...kept, trouble: trouble(path, 'is too large for a config') };
  const text = readPlainFile(path).replace(/^\uFEFF/, '');
  const errors: ParseError[] = [];
  let value: unknown;
  try {
    value = parse(text, errors, { allowTrailingComma: true });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { ...kept, trouble: trouble(path, 'is nested too deeply') };
  }
  const [first] = errors;
  if (first !== undefined) {
    const line = text.slice(0, first.offset).split('\n').length;
    const fault = trouble(`${path}:${line}`, spelledOut(printParseErrorCode(first.error)));
    return { ...(isObject(value) && { value }), ...kept, trouble: fault };
  }
  return isObject(value) ? { value } : { ...kept, trouble: trouble(path, 'holds no JSON object') };
}

/** True for `{…}`: what any config and each of its sections must be. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function trouble(where: string, what: string): Trouble {
  return { source: 'config', text: sanitize(`opencode config ${where}: ${what}`) };
}

/** `CommaExpected` → `comma expected`. */
function spelledOut(code: string): string {
  return code.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}

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

/**
 * Where opencode takes its config from for a directory, weakest first: the global files, OPENCODE_CONFIG, the
 * project's files from the repository's root down, `.opencode` folders, `~/.opencode`, OPENCODE_CONFIG_DIR
 * (opencode.md, "Configuration files"). Left out: what an organisation serves over the network, and OPENCODE_CONFIG_CONTENT.
 * otop's own environment stands for opencode's: another process's cannot be known for sure.
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
    ...[...folders, homeDir].flatMap((folder) => both(join(folder, '.opencode'))),
    ...(env.OPENCODE_CONFIG_DIR ? both(env.OPENCODE_CONFIG_DIR) : []),
  ];
  return [...new Set(paths)];
}

function both(folder: string): string[] {
  return [join(folder, 'opencode.jsonc'), join(folder, 'opencode.json')];
}

/** A directory and those above it, up to the root of its repository, or of the file system where it is in none. */
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

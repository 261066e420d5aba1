import { statSync } from 'node:fs';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import type { Trouble } from '../../domain/board/board.ts';
import { errorCode } from '../../system/error-code.ts';
import { readPlainFile } from '../../system/plain-file.ts';
import type { Surroundings } from '../../system/surroundings.ts';
import { sanitize } from '../../text/sanitize.ts';
import { configPaths } from './configuration-paths.ts';

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

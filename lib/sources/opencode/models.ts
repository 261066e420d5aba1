import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Trouble } from '../../domain/board/board.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { ModelFacts, ModelLookup, ModelPrice } from '../../domain/session/model-facts.ts';
import { xdgFolder } from '../../system/folders.ts';
import type { Surroundings } from '../../system/surroundings.ts';
import { sanitize } from '../../text/sanitize.ts';
import { isObject, type OpencodeConfig } from './configuration.ts';

type FactsByModel = ReadonlyMap<string, ModelFacts>;

interface CachedFile {
  readonly mtimeMs: number;
  readonly sizeBytes: number;
  readonly digest?: string;
  readonly facts: FactsByModel;
  readonly trouble?: Trouble;
}

/**
 * Limits and prices of models, from opencode's cache of models.dev, overridden by opencode's global and project config.
 * The cache has several megabytes and is rewritten every five minutes: it is read outside the hot path if it changed,
 * parsed if its content changed, and reduced to the figures that are shown. It may be missing, since opencode does not
 * write it offline (opencode.md, "Models cache").
 */
export class ModelCatalog {
  readonly #surroundings: Surroundings;
  readonly #config: OpencodeConfig;
  readonly #files = new Map<string, CachedFile>();
  #cached: readonly FactsByModel[] = [];
  /** The facts from the config by directory; the key undefined stands for the global config alone. */
  #configured = new Map<string | undefined, FactsByModel>();

  constructor(surroundings: Surroundings, config: OpencodeConfig) {
    this.#surroundings = surroundings;
    this.#config = config;
  }

  /**
   * A model's limit and price as of the last `refresh`: from the config, else from the newest cache file; undefined if
   * unknown. Costs one map look-up per file.
   */
  readonly lookup: ModelLookup = ({ providerId, modelId }, directoryPath) => {
    const key = keyOf(providerId, modelId);
    const configured = this.#configured.get(directoryPath) ?? this.#configured.get(undefined);
    let facts = configured?.get(key);
    for (const cached of this.#cached) {
      const weaker = cached.get(key);
      if (weaker !== undefined) facts = { ...weaker, ...facts };
    }
    return facts;
  };

  /**
   * Reads the files that changed since the last call, and returns all troubles. A broken file is a trouble, never an
   * error, and its last good figures stay.
   */
  async refresh(directoryPaths: Iterable<string>): Promise<readonly Trouble[]> {
    const paths = await this.#cachePaths();
    for (const path of this.#files.keys()) if (!paths.includes(path)) this.#files.delete(path);
    for (const path of paths) await this.#refreshFile(path);
    const newestFirst = [...this.#files.values()].sort((a, b) => b.mtimeMs - a.mtimeMs);
    this.#cached = newestFirst.map(({ facts }) => facts);

    const readings = new Map([undefined, ...directoryPaths].map((path) => [path, this.#config.read(path)]));
    this.#configured = new Map(
      [...readings].map(([path, { files }]) => [path, mergedFacts(files.map(({ value }) => value.provider))]),
    );
    const troubles = [...readings.values()].flatMap((reading) => reading.troubles);
    return [
      ...newestFirst.flatMap(({ trouble }) => trouble ?? []),
      ...new Map(troubles.map((one) => [one.text, one])).values(),
    ];
  }

  /**
   * The paths of cache files: OPENCODE_MODELS_PATH if it is set, else every `models*.json`, since versions differ in
   * the name (opencode.md, "Models cache").
   */
  async #cachePaths(): Promise<string[]> {
    const { env } = this.#surroundings;
    if (env.OPENCODE_MODELS_PATH) return [env.OPENCODE_MODELS_PATH];
    const folder = join(xdgFolder('cache', this.#surroundings), 'opencode');
    // There is no folder if opencode was never online on this machine.
    const names = await readdir(folder).catch(() => []);
    return names.filter((name) => /^models.*\.json$/.test(name)).map((name) => join(folder, name));
  }

  async #refreshFile(path: string): Promise<void> {
    const before = this.#files.get(path);
    try {
      const stats = await stat(path);
      // Opening a pipe would block until there is a writer.
      if (!stats.isFile()) throw new Error('not a regular file');
      const { mtimeMs, size } = stats;
      if (before?.mtimeMs === mtimeMs && before.sizeBytes === size) return;
      const bytes = await readFile(path);
      // Loaded on first use, since a look at states alone reads no models.
      const { createHash } = process.getBuiltinModule('node:crypto');
      const digest = createHash('sha1').update(bytes).digest('base64');
      const isSame = before?.digest === digest;
      const facts = isSame ? before.facts : await factsInPieces(bytes.toString('utf8'));
      this.#files.set(path, { mtimeMs, sizeBytes: size, digest, facts });
    } catch (error) {
      const reason = error instanceof SyntaxError ? 'is not JSON' : `cannot be read (${String(error)})`;
      const trouble = { source: 'models', text: sanitize(`${basename(path)}: ${reason}`) } as const;
      // This stamp matches no file, so each refresh retries: opencode may be writing the file now.
      this.#files.set(path, { mtimeMs: 0, sizeBytes: -1, facts: before?.facts ?? new Map(), trouble });
    }
  }
}

/**
 * Parses the cache, `{provider: {models: {id: {limit, cost}}}}`, one provider at a time, so that it never blocks the
 * screen.
 */
async function factsInPieces(json: string): Promise<FactsByModel> {
  const facts = new Map<string, ModelFacts>();
  for (const [providerId, provider] of jsonEntries(json)) {
    collectFacts(providerId, JSON.parse(provider), facts);
    await setImmediate();
  }
  return facts;
}

/** Merges the `provider` sections of config files, weakest first. They have the shape of the cache. */
function mergedFacts(sections: readonly unknown[]): FactsByModel {
  const merged = new Map<string, ModelFacts>();
  for (const section of sections) {
    for (const [providerId, provider] of entriesOf(section)) collectFacts(providerId, provider, merged);
  }
  return merged;
}

function collectFacts(providerId: string, provider: unknown, into: Map<string, ModelFacts>): void {
  if (!isObject(provider)) return;
  for (const [modelId, model] of entriesOf(provider.models)) {
    const key = keyOf(providerId, modelId);
    if (isObject(model)) into.set(key, { ...into.get(key), ...factsOfModel(model.limit, model.cost) });
  }
}

function factsOfModel(limit: unknown, cost: unknown): ModelFacts {
  const contextLimitTokens = isObject(limit) ? nonNegative(limit.context) : undefined;
  const price = isObject(cost) ? priceOf(cost) : undefined;
  return omitUndefined({ contextLimitTokens, price });
}

function priceOf(cost: Readonly<Record<string, unknown>>): ModelPrice {
  const [input, output] = [nonNegative(cost.input), nonNegative(cost.output)];
  const [cacheRead, cacheWrite] = [nonNegative(cost.cache_read), nonNegative(cost.cache_write)];
  return omitUndefined({ input, output, cacheRead, cacheWrite });
}

function entriesOf(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}

function nonNegative(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function keyOf(providerId: string, modelId: string): string {
  return `${providerId}\0${modelId}`;
}

/** Brackets and braces, and whole strings, so that brackets in strings do not count. */
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/gs;

/**
 * Yields the entries of a large JSON object one by one, each value as unparsed JSON, so that megabytes can be parsed
 * with pauses in between. Skips values that are neither objects nor arrays; yields nothing if the text is no object.
 * Throws a SyntaxError if the text ends too early.
 */
export function* jsonEntries(text: string): Generator<readonly [key: string, json: string]> {
  let depth = 0;
  let key = '""';
  let start = 0;
  for (const { 0: found, index } of text.matchAll(token)) {
    if (found.startsWith('"')) {
      if (depth === 1) key = found;
    } else if (found === '{' || found === '[') {
      if (depth === 0 && found === '[') return;
      if (depth === 1) start = index;
      depth++;
    } else {
      depth--;
      if (depth === 1) yield [String(JSON.parse(key)), text.slice(start, index + 1)];
      if (depth <= 0) return;
    }
  }
  if (depth > 0) throw new SyntaxError('the JSON ends too early');
}

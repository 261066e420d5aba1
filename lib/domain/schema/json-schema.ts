import type { TSchema } from '@sinclair/typebox';
import { configurationSchema } from './configuration.ts';
import { lineSchema } from './events.ts';
import { list, text } from './field-types.ts';
import { entrySchema, sessionsSchemaVersion } from './sessions.ts';

// The JSON Schemas that `--schema` prints. `serve/openapi.ts` makes the OpenAPI document.

/** A JSON Schema as it is printed. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const dialect = 'https://json-schema.org/draft/2020-12/schema';

/** Turns types into JSON Schemas that write each named type once and refer to it everywhere else. */
export class References {
  readonly #base: string;
  readonly #definitions = new Map<string, JsonSchema>();

  /** `base` precedes each name in a reference: `#/$defs/`, `#/components/schemas/`. */
  constructor(base: string) {
    this.#base = base;
  }

  /** Returns a reference to a named type, or the type itself with references inside. */
  to(type: TSchema): JsonSchema {
    const { $id: name, ...rest } = type;
    if (typeof name !== 'string') return this.#written(type);
    if (!this.#definitions.has(name)) this.#definitions.set(name, this.#written(rest));
    return { $ref: this.#base + name };
  }

  /** All named types so far, by their names. */
  get definitions(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries(this.#definitions);
  }

  #written(type: object): JsonSchema {
    return Object.fromEntries(Object.entries(type).map(([key, value]) => [key, this.#part(value)]));
  }

  #part(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((each) => this.#part(each));
    if (typeof value !== 'object' || value === null) return value;
    return this.to(value as TSchema);
  }
}

/** The JSON Schema of `otop sessions`. Its `#/$defs/line` describes a line of `--watch`. */
export function sessionsDocument(): JsonSchema {
  const references = new References('#/$defs/');
  references.to(lineSchema);
  return {
    $schema: dialect,
    $id: `urn:otop:sessions:${sessionsSchemaVersion}`,
    title: 'The output of otop sessions',
    description:
      'Unknown is null, never 0. `*_ms` are durations in milliseconds; since_ms, *_at_ms and *_since_ms are times in ' +
      'milliseconds since the epoch. A later version may add keys; schema_version goes up if a key goes away or ' +
      'changes its meaning. A line of --watch is described by #/$defs/line.',
    ...references.to(list(entrySchema)),
    $defs: references.definitions,
  };
}

/** The JSON Schema of the configuration file. */
export function configurationDocument(): JsonSchema {
  const { properties, ...rest } = configurationSchema;
  return {
    $schema: dialect,
    title: "otop's configuration",
    ...rest,
    properties: { $schema: text(), ...properties },
  };
}

import { nearest } from '../../../text/compare.ts';

/** A piece of a configuration, with the place where it stands; `jsonc-parser` makes them. */
export interface ConfigNode {
  readonly type: 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null' | 'property';
  readonly offset: number;
  readonly value?: unknown;
  readonly children?: readonly ConfigNode[];
}

/** Takes note of what is wrong and where; reading goes on, so that everything is named at once. */
export type Report = (problem: string, node: ConfigNode) => void;

/** A JSON Schema, as far as it is written here. */
export type SchemaNode = Readonly<Record<string, unknown>>;

/** What a value may be: reads it, describes it, and says so to other programs. */
export interface Shape<T> {
  /** Completes "X must be …". */
  readonly must: string;
  readonly schema: SchemaNode;
  /** The value; undefined, and a report, where it is none. */
  read(node: ConfigNode, report: Report, name: string): T | undefined;
}

function plain<T>(must: string, schema: SchemaNode, accepts: (value: unknown) => value is T): Shape<T> {
  return {
    must,
    schema,
    read(node, report, name) {
      if (accepts(node.value)) return node.value;
      report(`${name} must be ${must}`, node);
      return undefined;
    },
  };
}

/** `true` or `false`. */
export const yesNo: Shape<boolean> = plain(
  'true or false',
  { type: 'boolean' },
  (value) => typeof value === 'boolean',
);

/** A number between two others, both included. */
export function numberFrom(least: number, most: number): Shape<number> {
  return plain(
    `a number from ${least} to ${most}`,
    { type: 'number', minimum: least, maximum: most },
    (value): value is number => typeof value === 'number' && value >= least && value <= most,
  );
}

/** One of some words; one that is nearly right is told which was meant. */
export function choice<const T extends string>(choices: readonly T[]): Shape<T> {
  const must = choices.length > 8 ? 'a known name' : `one of ${choices.join(', ')}`;
  return {
    must,
    schema: { enum: choices },
    read(node, report, name) {
      const found = choices.find((each) => each === node.value);
      if (found !== undefined) return found;
      const meant = typeof node.value === 'string' ? nearest(node.value, choices) : undefined;
      const given = typeof node.value === 'string' ? `, not ${node.value}` : '';
      report(`${name} must be ${must}${given}${meant === undefined ? '' : `: did you mean ${meant}?`}`, node);
      return undefined;
    },
  };
}

/** Any number of values of one shape; where they must differ, each of them once. */
export function listOf<T>(of: Shape<T>, { distinct = false } = {}): Shape<readonly T[]> {
  const must = 'a list';
  return {
    must,
    schema: { type: 'array', items: of.schema, ...(distinct && { uniqueItems: true }) },
    read(node, report, name) {
      if (node.type !== 'array') {
        report(`${name} must be ${must}`, node);
        return undefined;
      }
      const values: T[] = [];
      for (const child of node.children ?? []) {
        const value = of.read(child, report, `each of ${name}`);
        if (value === undefined) continue;
        if (distinct && values.includes(value)) report(`${name} has ${String(value)} twice`, child);
        else values.push(value);
      }
      return values;
    },
  };
}

/** A value of a shape, or `null`, which takes away what there is without it. */
export function orNull<T>(of: Shape<T>): Shape<T | null> {
  return {
    must: `${of.must}, or null`,
    schema: { anyOf: [of.schema, { type: 'null' }] },
    read: (node, report, name) => (node.type === 'null' ? null : of.read(node, report, name)),
  };
}

/** A text of a certain form. */
export function textLike(pattern: string, must: string): Shape<string> {
  const form = new RegExp(pattern, 'u');
  return plain(
    must,
    { type: 'string', pattern },
    (value): value is string => typeof value === 'string' && form.test(value),
  );
}

/** Values by names that are the person's own. */
export function mapOf<T>(of: Shape<T>, names: Shape<string>): Shape<Readonly<Record<string, T>>> {
  const must = 'an object';
  return {
    must,
    schema: { type: 'object', propertyNames: names.schema, additionalProperties: of.schema },
    read(node, report, name) {
      if (node.type !== 'object') {
        report(`${name} must be ${must}`, node);
        return undefined;
      }
      const entries: [string, T][] = [];
      for (const { key, keyNode, valueNode } of fieldsOf(node)) {
        if (names.read(keyNode, report, `${name}.${key}`) === undefined) continue;
        const value = of.read(valueNode, report, `${name}.${key}`);
        if (value !== undefined) entries.push([key, value]);
      }
      return Object.fromEntries(entries);
    },
  };
}

/** One named value of an object, with what it is when it is not said. */
export interface Setting<T> {
  readonly shape: Shape<T>;
  readonly help: string;
  readonly fallback: T;
}

/** Declares a setting. */
export function setting<T>(shape: Shape<T>, fallback: NoInfer<T>, help: string): Setting<T> {
  return { shape, fallback, help };
}

/** Settings by name. */
export type SettingTable = Readonly<Record<string, Setting<never> | Setting<unknown>>>;

/** The values that a table of settings declares. */
export type ValuesOf<T extends SettingTable> = {
  readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : never;
};

/** An object of declared settings; a name that is none is told which was meant. */
export function objectOf<const T extends SettingTable>(table: T): Shape<Partial<ValuesOf<T>>> {
  const must = 'an object';
  return {
    must,
    schema: objectSchema(table),
    read(node, report, name) {
      if (node.type !== 'object') {
        report(`${name} must be ${must}`, node);
        return undefined;
      }
      return readFields(table, node, report, `${name}.`);
    },
  };
}

/** Reads the settings that an object node names; `prefix` stands before each name in what is reported. */
export function readFields<const T extends SettingTable>(
  table: T,
  node: ConfigNode,
  report: Report,
  prefix: string,
): Partial<ValuesOf<T>> {
  const values: Record<string, unknown> = {};
  for (const { key, keyNode, valueNode } of fieldsOf(node)) {
    const known = Object.hasOwn(table, key) ? table[key] : undefined;
    if (known) {
      const value = known.shape.read(valueNode, report, prefix + key);
      if (value !== undefined) values[key] = value;
      continue;
    }
    const meant = nearest(key, Object.keys(table));
    report(`there is no ${prefix}${key}${meant === undefined ? '' : `: did you mean ${meant}?`}`, keyNode);
  }
  return values as Partial<ValuesOf<T>>;
}

/** What settings are where nothing is said. */
export function fallbacksOf<const T extends SettingTable>(table: T): ValuesOf<T> {
  const entries = Object.entries(table).map(([key, { fallback }]) => [key, fallback]);
  return Object.fromEntries(entries) as ValuesOf<T>;
}

/** The JSON Schema of an object of settings. */
export function objectSchema(table: SettingTable): SchemaNode {
  const properties = Object.fromEntries(
    Object.entries(table).map(([key, { shape, help, fallback }]) => [
      key,
      { description: help, ...shape.schema, default: fallback },
    ]),
  );
  return { type: 'object', properties, additionalProperties: false };
}

interface Field {
  readonly key: string;
  readonly keyNode: ConfigNode;
  readonly valueNode: ConfigNode;
}

/** The fields that are whole: one that is being typed has no value yet, which the parser reports. */
function fieldsOf(node: ConfigNode): Field[] {
  return (node.children ?? []).flatMap(({ children: [keyNode, valueNode] = [] }) =>
    keyNode && valueNode ? [{ key: String(keyNode.value), keyNode, valueNode }] : [],
  );
}

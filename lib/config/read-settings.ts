import { Kind, type Static, type TArray, type TObject, type TSchema } from '@sinclair/typebox';
import {
  type Choice,
  type MapOf,
  nonNull,
  type OrNull,
  patternErrorMessageOf,
} from '../domain/schema/field-types.ts';
import { nearest } from '../text/compare.ts';

/** A value in a configuration with its offset in the text. `jsonc-parser` makes these nodes. */
export interface ConfigNode {
  readonly type: 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null' | 'property';
  readonly offset: number;
  readonly value?: unknown;
  readonly children?: readonly ConfigNode[];
}

/** Records a mistake and its node. Reading continues, so that all mistakes are reported at once. */
export type Report = (problem: string, node: ConfigNode) => void;

/**
 * Reads a node of a configuration by its type: returns the correct values and reports all mistakes.
 * `prefix` precedes the names of fields in reports. Returns undefined if the piece is not an object.
 */
export function readSettings<T extends TObject>(
  type: T,
  node: ConfigNode,
  report: Report,
  prefix = '',
): Static<T> | undefined {
  return readObject(type, node, report, prefix) as Static<T> | undefined;
}

function read(type: TSchema, node: ConfigNode, report: Report, name: string): unknown {
  switch (type[Kind]) {
    case 'OrNull':
      return node.type === 'null' ? null : read((type as OrNull<TSchema>)[nonNull], node, report, name);
    case 'Object':
      return readObject(type as TObject, node, report, `${name}.`);
    case 'MapOf':
      return readMap(type as MapOf<TSchema>, node, report, name);
    case 'Array':
      return readList(type as TArray, node, report, name);
    case 'Choice':
      return readChoice(type as Choice<string>, node, report, name);
    default: {
      if (accepts(type, node.value)) return node.value;
      report(`${name} ${demand(type)}`, node);
      return undefined;
    }
  }
}

function accepts({ type, minimum, maximum, pattern }: TSchema, value: unknown): boolean {
  if (typeof value !== type) return false;
  if (typeof value === 'number') return value >= (minimum ?? -Infinity) && value <= (maximum ?? Infinity);
  return typeof value !== 'string' || pattern === undefined || new RegExp(pattern, 'u').test(value);
}

/** The demand of a type, for a value that does not meet it. */
function demand(schema: TSchema): string {
  const { type, minimum, maximum } = schema;
  switch (type) {
    case 'boolean':
      return 'must be true or false';
    case 'number':
      return `must be a number from ${minimum} to ${maximum}`;
    default:
      return patternErrorMessageOf(schema) ?? 'must be a text';
  }
}

/** Suggests the nearest choice for a wrong word. */
function readChoice({ enum: choices }: Choice<string>, node: ConfigNode, report: Report, name: string) {
  const { value } = node;
  const found = choices.find((each) => each === value);
  if (found !== undefined) return found;
  const must = choices.length > 8 ? 'a known name' : `one of ${choices.join(', ')}`;
  const meant = typeof value === 'string' ? nearest(value, choices) : undefined;
  const given = typeof value === 'string' ? `, not ${value}` : '';
  report(`${name} must be ${must}${given}${didYouMean(meant)}`, node);
  return undefined;
}

function readList({ items, uniqueItems }: TArray, node: ConfigNode, report: Report, name: string) {
  if (node.type !== 'array') {
    report(`${name} must be a list`, node);
    return undefined;
  }
  const values: unknown[] = [];
  for (const child of node.children ?? []) {
    const value = read(items, child, report, `each of ${name}`);
    if (value === undefined) continue;
    if (uniqueItems && values.includes(value)) report(`${name} has ${String(value)} twice`, child);
    else values.push(value);
  }
  return values;
}

function readMap(type: MapOf<TSchema>, node: ConfigNode, report: Report, name: string) {
  if (node.type !== 'object') {
    report(`${name} must be an object`, node);
    return undefined;
  }
  const entries: [string, unknown][] = [];
  for (const { key, keyNode, valueNode } of fieldsOf(node)) {
    if (read(type.propertyNames, keyNode, report, `${name}.${key}`) === undefined) continue;
    const value = read(type.additionalProperties, valueNode, report, `${name}.${key}`);
    if (value !== undefined) entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

/** Suggests the nearest name for an unknown field, unless the type allows unknown fields. */
function readObject(type: TObject, node: ConfigNode, report: Report, prefix: string) {
  if (node.type !== 'object') {
    report(`${prefix.slice(0, -1)} must be an object`, node);
    return undefined;
  }
  const values: Record<string, unknown> = {};
  for (const { key, keyNode, valueNode } of fieldsOf(node)) {
    const known = Object.hasOwn(type.properties, key) ? type.properties[key] : undefined;
    if (known) {
      const value = read(known, valueNode, report, prefix + key);
      if (value !== undefined) values[key] = value;
    } else if (type.additionalProperties === false) {
      const meant = nearest(key, Object.keys(type.properties));
      report(`there is no ${prefix}${key}${didYouMean(meant)}`, keyNode);
    }
  }
  for (const key of type.required ?? [])
    if (!Object.hasOwn(values, key)) report(`${prefix}${key} is missing`, node);
  return values;
}

function didYouMean(meant: string | undefined): string {
  return meant === undefined ? '' : `: did you mean ${meant}?`;
}

interface Field {
  readonly key: string;
  readonly keyNode: ConfigNode;
  readonly valueNode: ConfigNode;
}

/** The complete fields. A field that is being typed has no value yet, which the parser reports. */
function fieldsOf(node: ConfigNode): Field[] {
  return (node.children ?? []).flatMap(({ children: [keyNode, valueNode] = [] }) =>
    keyNode && valueNode ? [{ key: String(keyNode.value), keyNode, valueNode }] : [],
  );
}

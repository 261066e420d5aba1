import {
  Kind,
  type Static,
  type TArray,
  type TObject,
  type TProperties,
  type TSchema,
  type TUnion,
} from '@sinclair/typebox';
import { type Choice, type Line, maxItemsRead, nonNull, type OrNull } from '../domain/schema/field-types.ts';
import type { DisplayText } from '../text/sanitize.ts';
import {
  asArray,
  asCount,
  asDisplay,
  asNumber,
  asObject,
  asSessionId,
  asText,
  asTime,
  type JsonObject,
} from './json.ts';

/** The result of reading a type of `domain/schema/`. Fields that are unknown, missing or wrong are absent. */
export type Reading<S> =
  S extends OrNull<infer T>
    ? Reading<T>
    : S extends Line<string>
      ? DisplayText
      : S extends TObject<infer P>
        ? { readonly [K in keyof P]?: Reading<P[K]> }
        : S extends TArray<infer T>
          ? readonly Reading<T>[]
          : S extends TUnion<infer T>
            ? Reading<T[number]>
            : Static<S & TSchema>;

/** The screen shows at most two hours. */
const maxMinutes = 120;

/**
 * Reads JSON from outside as a type of `domain/schema/` describes it. A field of another type counts as missing, lines are
 * sanitised, unknown fields are ignored. Returns undefined if the value itself is of another type.
 */
export function readJson<S extends TSchema>(type: S, value: unknown): Reading<S> | undefined {
  return read(type, value) as Reading<S> | undefined;
}

/** Reads one field of an object that is too large to be read as a whole. */
export function readField<P extends TProperties, K extends keyof P & string>(
  type: TObject<P>,
  object: JsonObject | undefined,
  name: K,
): Reading<P[K]> | undefined {
  const field = type.properties[name];
  return field && readJson(field, object?.[name]);
}

function read(type: TSchema, value: unknown): unknown {
  switch (type[Kind]) {
    case 'OrNull':
      return read((type as OrNull<TSchema>)[nonNull], value);
    case 'Object':
      return readObject(type as TObject, value);
    case 'Array':
      return readList(type as TArray, value);
    case 'Union':
      return readEither(type as TUnion, value);
    case 'Line':
      return asDisplay(value);
    case 'String':
      return asText(value);
    case 'SessionId':
      return asSessionId(value);
    case 'Number':
      return asNumber(value);
    case 'Integer':
      return asCount(value);
    case 'Time':
      return asTime(value);
    case 'Boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'Choice':
      return (type as Choice<string>).enum.find((each) => each === value);
    case 'Literal':
      return value === type.const ? value : undefined;
    case 'Minutes':
      return readMinutes(value);
    default:
      throw new Error(`no reader for ${type[Kind]}`);
  }
}

function readObject({ properties }: TObject, value: unknown): JsonObject | undefined {
  const object = asObject(value);
  if (object === undefined) return undefined;
  const fields: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(properties)) {
    const field = read(type, object[name]);
    if (field !== undefined) fields[name] = field;
  }
  return fields;
}

/** In a list of objects only objects count as items. */
function readList(type: TArray, value: unknown): readonly unknown[] {
  const items = asArray(value);
  const counted =
    type.items[Kind] === 'Object' ? items.filter((each) => asObject(each) !== undefined) : items;
  const maxItems = (type as { [maxItemsRead]?: number })[maxItemsRead];
  return counted
    .slice(0, maxItems)
    .map((each) => read(type.items, each))
    .filter((each) => each !== undefined);
}

const fixedWordKinds: ReadonlySet<string> = new Set(['Choice', 'Literal']);

/** Reads the first alternative whose fields of fixed words all match. */
function readEither({ anyOf }: TUnion, value: unknown): JsonObject | undefined {
  for (const type of anyOf as TObject[]) {
    const found = readObject(type, value);
    const words = Object.entries(type.properties).filter(([, field]) => fixedWordKinds.has(field[Kind]));
    if (found && words.every(([name]) => Object.hasOwn(found, name))) return found;
  }
  return undefined;
}

/** Reads all minutes or none: a gap would shift the minutes before it. */
function readMinutes(value: unknown): readonly number[] | undefined {
  const minutes = asArray(value).map(asNumber);
  const known = minutes.filter((each) => each !== undefined).slice(-maxMinutes);
  return known.length > 0 && known.length === Math.min(minutes.length, maxMinutes) ? known : undefined;
}

import {
  Kind,
  type SchemaOptions,
  type Static,
  type TArray,
  type TBoolean,
  type TInteger,
  type TLiteral,
  type TLiteralValue,
  type TNumber,
  type TObject,
  type TOptional,
  type TProperties,
  type TSchema,
  type TString,
  type TUnion,
  Array as typeArray,
  Boolean as typeBoolean,
  Integer as typeInteger,
  Literal as typeLiteral,
  Number as typeNumber,
  Object as typeObject,
  Optional as typeOptional,
  String as typeString,
  Union as typeUnion,
} from '@sinclair/typebox';
import type { DisplayText } from '../../text/sanitize.ts';

// The types of the fields of otop's JSON. Each type is a JSON Schema (TypeBox), so no schema is written beside it. Its kind
// adds to the JSON Schema: a number can be a time, a text can be one printable line. The functions are imported one by
// one: all of TypeBox takes 2.5 ms longer to load.

/** The maximum number of items that readers take of a list. A list that is written has no maximum. */
export const maxItemsRead: unique symbol = Symbol('maxItemsRead');
/** The type that a nullable type wraps. */
export const nonNull: unique symbol = Symbol('nonNull');

/** Why a text that does not match its pattern is refused; a symbol, since JSON Schema has no such keyword. */
const patternWords: unique symbol = Symbol('patternWords');

/** One line of printable text. `Written` is `string` if the writer cannot sanitise; readers always do. */
export interface Line<Written extends string> extends TSchema {
  [Kind]: 'Line';
  static: Written;
}

/** A time: milliseconds since the epoch. */
interface Time extends TSchema {
  [Kind]: 'Time';
  static: number;
}

/** A session's id, or another id in the form of one. */
interface SessionId extends TSchema {
  [Kind]: 'SessionId';
  static: string;
}

/** Tokens in each minute, oldest first. */
interface Minutes extends TSchema {
  [Kind]: 'Minutes';
  static: number[];
}

/** One of a fixed set of words. */
export interface Choice<T extends string> extends TSchema {
  [Kind]: 'Choice';
  static: T;
  enum: readonly T[];
}

/** A type or `null`, which means unknown. */
export interface OrNull<S extends TSchema> extends TSchema {
  [Kind]: 'OrNull';
  static: Static<S, this['params']> | null;
  [nonNull]: S;
}

/** Values by names that the user chooses. */
export interface MapOf<S extends TSchema> extends TSchema {
  [Kind]: 'MapOf';
  static: Record<string, Static<S, this['params']>>;
  propertyNames: TSchema;
  additionalProperties: S;
}

/**
 * A text. Readers treat an empty text as missing, and sanitise a text before they show it. `patternErrorMessage` says
 * why a text that does not match the pattern is refused.
 */
export function text(
  description?: string,
  { patternErrorMessage, ...options }: SchemaOptions & { readonly patternErrorMessage?: string } = {},
): TString {
  return {
    ...typeString({ ...about(description), ...options }),
    ...(patternErrorMessage !== undefined && { [patternWords]: patternErrorMessage }),
  };
}

/** Why a text that does not match the type's pattern is refused; undefined if the type does not say. */
export function patternErrorMessageOf(type: TSchema): string | undefined {
  return (type as { readonly [patternWords]?: string })[patternWords];
}

/** One line of text that is sanitised before it goes out. */
export function line(description?: string): Line<DisplayText> {
  return ofKind('Line', text(description));
}

/** One line of text that goes out unsanitised. */
export function rawLine(description?: string): Line<string> {
  return ofKind('Line', text(description));
}

/** A session's id. */
export function sessionId(description?: string): SessionId {
  return ofKind('SessionId', text(description));
}

/** A number that may have a fraction. */
export function figure(description?: string, options: SchemaOptions = {}): TNumber {
  return typeNumber({ ...about(description), ...options });
}

/** A number that is not negative: a duration, a size, a sum. */
export function amount(description?: string): TNumber {
  return figure(description, { minimum: 0 });
}

/** A whole number. */
export function whole(description?: string, options: SchemaOptions = {}): TInteger {
  return typeInteger({ ...about(description), ...options });
}

/** A whole number that is not negative. */
export function count(description?: string, options: SchemaOptions = {}): TInteger {
  return whole(description, { minimum: 0, ...options });
}

/** A time in milliseconds since the epoch. */
export function time(description?: string): Time {
  return ofKind('Time', figure(description));
}

/** `true` or `false`. */
export function yesNo(description?: string): TBoolean {
  return typeBoolean(about(description));
}

/** One value and no other. */
export function constant<const T extends TLiteralValue>(value: T): TLiteral<T> {
  return typeLiteral(value);
}

/** One of a fixed set of words. */
export function choice<const T extends string>(choices: readonly T[], description?: string): Choice<T> {
  return ofKind('Choice', { ...about(description), enum: choices });
}

/** A list. Readers take at most `maxRead` of its items. */
export function list<S extends TSchema>(
  items: S,
  { description, maxRead, ...options }: SchemaOptions & { readonly maxRead?: number } = {},
): TArray<S> {
  return {
    ...typeArray(items, { ...about(description), ...options }),
    ...(maxRead !== undefined && { [maxItemsRead]: maxRead }),
  };
}

/** Tokens in each minute, oldest first. */
export function minutes(description?: string): Minutes {
  return ofKind('Minutes', list(amount(), about(description)));
}

/** An object with these fields. A later version may add fields. */
export function object<P extends TProperties>(properties: P, options: SchemaOptions = {}): TObject<P> {
  return typeObject(properties, options);
}

/** Values of one type by names of another. */
export function mapOf<S extends TSchema>(names: TSchema, values: S): MapOf<S> {
  return ofKind('MapOf', { type: 'object', propertyNames: names, additionalProperties: values });
}

/** One of several types. */
export function either<S extends TSchema[]>(types: [...S], options: SchemaOptions = {}): TUnion<S> {
  return typeUnion(types, options) as TUnion<S>;
}

/** A field that may be missing. */
export function optional<S extends TSchema>(type: S): TOptional<S> {
  return typeOptional(type) as TOptional<S>;
}

/** A type or `null`, which means unknown. */
export function orNull<S extends TSchema>(type: S, description?: string): OrNull<S> {
  return ofKind('OrNull', { ...nullable(type), ...about(description), [nonNull]: type });
}

/** Gives a JSON Schema a kind that TypeBox itself does not have. */
function ofKind<S extends TSchema>(kind: S[typeof Kind] & string, schema: SchemaOptions): S {
  return { ...schema, [Kind]: kind } as unknown as S;
}

function nullable(type: TSchema): SchemaOptions {
  const { $id, enum: choices, type: name, ...rest } = type;
  if ($id !== undefined || name === 'object') return { oneOf: [type, { type: 'null' }] };
  return choices === undefined ? { type: [name, 'null'], ...rest } : { ...rest, enum: [...choices, null] };
}

/** Gives a type a name. Documents refer to the name instead of repeating the type. */
export function named<S extends TSchema>(name: string, type: S): S {
  return { ...type, $id: name };
}

function about(description: string | undefined): SchemaOptions {
  return description === undefined ? {} : { description };
}

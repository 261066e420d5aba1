/** The fields of T that may be undefined. */
type UndefinedKey<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];

/** T with optional fields in place of fields that may be undefined. */
export type OmitUndefined<T> = {
  [K in keyof T as K extends UndefinedKey<T> ? never : K]: T[K];
} & {
  [K in keyof T as K extends UndefinedKey<T> ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * Returns a copy of an object without its undefined fields. In the domain an unknown value is an absent field, because
 * `exactOptionalPropertyTypes` forbids undefined in an optional field. It is as fast as one conditional spread for each
 * field.
 *
 * @example
 * omitUndefined({ pid: 7, tty: undefined }); // { pid: 7 }
 */
export function omitUndefined<const T extends object>(fields: T): OmitUndefined<T> {
  const defined: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) defined[name] = value;
  return defined as OmitUndefined<T>;
}

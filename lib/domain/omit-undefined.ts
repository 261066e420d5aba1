/** The fields of T that may be undefined. */
type UndefinedKey<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];

/** T with fields that are absent in place of undefined. */
export type OmitUndefined<T> = {
  [K in keyof T as K extends UndefinedKey<T> ? never : K]: T[K];
} & {
  [K in keyof T as K extends UndefinedKey<T> ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * A copy of an object without its fields that are undefined: with `exactOptionalPropertyTypes` an unknown value is an
 * absent field. It takes as long as one conditional spread for each field.
 */
export function omitUndefined<const T extends object>(fields: T): OmitUndefined<T> {
  const known: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) known[name] = value;
  return known as OmitUndefined<T>;
}

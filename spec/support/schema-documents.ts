import fc from 'fast-check';

/** A JSON Schema, as far as otop's are written. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly uniqueItems?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
}

/** Documents that a schema accepts; `root` is what its references point into. */
export function documentsOf(schema: Schema, root: object): fc.Arbitrary<unknown> {
  const of = (part: Schema) => documentsOf(part, root);
  if (schema.$ref !== undefined) return of(resolved(schema.$ref, root));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if ('const' in schema) return fc.constant(schema.const);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return fc.oneof(...choices.map(of));
  if (typeof schema.type !== 'string')
    return fc.oneof(...(schema.type ?? []).map((type) => of({ ...schema, type })));
  switch (schema.type) {
    case 'object':
      return objectsOf(schema, root);
    case 'array': {
      const items = schema.items ? of(schema.items) : fc.jsonValue();
      return schema.uniqueItems
        ? fc.uniqueArray(items, { maxLength: 3, selector: (item) => JSON.stringify(item) })
        : fc.array(items, { maxLength: 2 });
    }
    case 'string':
      return schema.pattern === undefined
        ? fc.string({ minLength: schema.minLength ?? 0, maxLength: 6 })
        : textsLike(schema.pattern);
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -5, max: schema.maximum ?? 1e13 });
    case 'number':
      return fc.double({ min: schema.minimum ?? -5, max: schema.maximum ?? 1e13, noNaN: true });
    case 'boolean':
      return fc.boolean();
    default:
      return fc.constant(null);
  }
}

/** fast-check makes no texts for lookaheads: those are only tested. */
function textsLike(pattern: string): fc.Arbitrary<string> {
  const form = new RegExp(pattern, 'u');
  const without = new RegExp(pattern.replace(/\(\?![^)]*\)/g, ''), 'u');
  return fc.stringMatching(without, { size: 'small' }).filter((text) => form.test(text));
}

function objectsOf({ properties = {}, required = [], ...rest }: Schema, root: object): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, part]) => [name, documentsOf(part, root)]),
  );
  const declared = fc.record(fields, { requiredKeys: [...required] });
  const { propertyNames, additionalProperties } = rest;
  if (propertyNames === undefined || typeof additionalProperties !== 'object') return declared;
  return fc.dictionary(
    documentsOf(propertyNames, root).map(String),
    documentsOf(additionalProperties, root),
    { maxKeys: 3 },
  );
}

function resolved(reference: string, root: object): Schema {
  const steps = reference.replace(/^#\//, '').split('/');
  const found = steps.reduce<unknown>((part, step) => Reflect.get(Object(part), step), root);
  if (typeof found !== 'object' || found === null) throw new Error(`the schema has no ${reference}`);
  return found;
}

/** One thing that is not as it was: any part of a document gone, of another type, out of range, or with a new field. */
export function mutated(document: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const change = fc.oneof(
    fc.constant({ kind: 'drop' as const }),
    fc.constant({ kind: 'add' as const }),
    fc
      .constantFrom<unknown>(null, true, -1, -0.5, 0.5, 1e15, 'other', '', [], {}, ['other'], { other: 1 })
      .map((value) => ({ kind: 'replace' as const, value })),
  );
  return fc.tuple(document, fc.nat(), change).map(([whole, place, { kind, ...rest }]) => {
    const copy: unknown = structuredClone(whole);
    const places = placesOf(copy);
    const at = places[place % places.length];
    if (at === undefined) return 'value' in rest ? rest.value : 'other';
    const { parent, key } = at;
    if (kind === 'replace' && 'value' in rest) Reflect.set(parent, key, rest.value);
    else if (kind === 'drop' && Array.isArray(parent)) parent.splice(Number(key), 1);
    else if (kind === 'drop') Reflect.deleteProperty(parent, key);
    else if (Array.isArray(parent)) parent.push(parent[0] ?? 'other');
    else Reflect.set(parent, 'a_new_field', 1);
    return copy;
  });
}

interface Place {
  readonly parent: object;
  readonly key: string;
}

function placesOf(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [{ parent: value, key }, ...placesOf(part)]);
}

import type { TSchema } from '@sinclair/typebox';
import { lineSchema } from '../lib/domain/schema/events.ts';
import { nonNull } from '../lib/domain/schema/field-types.ts';
import { entrySchema, sessionSchema, tokensSchema } from '../lib/domain/schema/sessions.ts';
import { statusSchema } from '../lib/domain/schema/status.ts';
import { prose, table } from './markdown.ts';

/** The type of a field as a word or two, with a link to a table of its own. */
function typeText(type: TSchema): string {
  const inner = (type as { [nonNull]?: TSchema })[nonNull];
  if (inner !== undefined) return `${typeText(inner)} or null`;
  if (type.$id !== undefined)
    return type.$id === 'status' ? '[state](#states)' : `[${type.$id}](#${type.$id.toLowerCase()})`;
  if (Array.isArray(type.enum)) return type.enum.map((word: string) => `\`${word}\``).join(', ');
  if (type.const !== undefined) return `\`${JSON.stringify(type.const)}\``;
  if (type.type === 'array') return `list of ${typeText(type.items as TSchema)}`;
  return String(type.type ?? 'one of several');
}

/** The fields of an object; those of an unnamed object inside are listed as `outer.inner`. */
function fieldRows(type: TSchema, prefix = ''): string[][] {
  return Object.entries((type.properties ?? {}) as Record<string, TSchema>).flatMap(([name, field]) => {
    const whole = (field as { [nonNull]?: TSchema })[nonNull] ?? field;
    const nested = whole.type === 'array' ? (whole.items as TSchema) : whole;
    const row = [
      `\`${prefix}${name}\``,
      typeText(field),
      prose(field.description ?? whole.description ?? ''),
    ];
    return nested.$id === undefined && nested.properties !== undefined
      ? [row, ...fieldRows(nested, `${prefix}${name}${whole.type === 'array' ? '[].' : '.'}`)]
      : [row];
  });
}

const fieldTable = (type: TSchema) => table(['field', 'type', 'what it is'], fieldRows(type));

/** Returns the tables of all fields of the JSON that otop prints, from its schemas. */
export function jsonSection(): string {
  const child = sessionSchema.properties.children.items as TSchema;
  const lines = (lineSchema.anyOf as TSchema[]).flatMap((line) => [
    `#### ${line.$id}`,
    prose(String(line.description)),
    fieldTable(line),
  ]);
  const parts = ['totals', 'trouble', 'hostStatus'].flatMap((name) => {
    const found = lineSchema.anyOf.flatMap((line) => namedTypes(line)).find(({ $id }) => $id === name);
    if (found === undefined) throw new Error(`no line has a ${name}`);
    return [
      `#### ${name}`,
      ...(found.description === undefined ? [] : [prose(found.description)]),
      fieldTable(found),
    ];
  });
  return [
    '### `otop sessions`',
    'A list of entries. `otop waiting --json` prints the same.',
    '#### entry',
    `${entrySchema.description}`,
    fieldTable(entrySchema),
    '#### session',
    fieldTable(sessionSchema),
    '#### child',
    prose(String(child.description)),
    fieldTable(child),
    '#### tokens',
    fieldTable(tokensSchema),
    '### `otop sessions --watch`',
    'One line of JSON for each change.',
    '`otop serve` sends the same lines as the events of `/events`.',
    ...lines,
    ...parts,
    '#### counts',
    'The number of rows in each [state](#states).',
    '### `otop status --format json`',
    fieldTable(statusSchema),
  ].join('\n\n');
}

/** All named types inside of a type. */
function namedTypes(type: TSchema): TSchema[] {
  const inner = (type as { [nonNull]?: TSchema })[nonNull];
  const parts = [
    ...(inner ? [inner] : []),
    ...Object.values((type.properties ?? {}) as Record<string, TSchema>),
  ];
  const items = type.type === 'array' ? [type.items as TSchema] : [];
  return [...(type.$id === undefined ? [] : [type]), ...[...parts, ...items].flatMap(namedTypes)];
}

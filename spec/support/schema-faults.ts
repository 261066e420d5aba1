import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { sessionsDocument } from '../../lib/domain/schema/json-schema.ts';
import { markerSchema } from '../../lib/domain/schema/marker.ts';
import { statusSchema } from '../../lib/domain/schema/status.ts';

const schema = sessionsDocument();

/** Returns a schema with every object closed, so that an undocumented key is a fault. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const parts = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  return 'properties' in parts ? { additionalProperties: false, ...parts } : parts;
}

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
ajv.addSchema(closed(schema) as object);

function validator(pointer: string): ValidateFunction {
  const found = ajv.getSchema(`${schema.$id}${pointer}`);
  if (found === undefined) throw new Error(`the schema has no ${pointer}`);
  return found;
}

function faults(validate: ValidateFunction, value: unknown): string[] {
  return validate(value) ? [] : (validate.errors ?? []).map((one) => `${one.instancePath} ${one.message}`);
}

/** Returns the faults in the output of `otop sessions`; an empty array if it matches the schema. */
export function sessionsFaults(output: unknown): string[] {
  return faults(validator(''), output);
}

/** Returns the faults in one line of `otop sessions --watch`. */
export function lineFaults(line: unknown): string[] {
  return faults(validator('#/$defs/line'), line);
}

const marker = ajv.compile(closed(markerSchema) as object);

/** Returns the faults in the content of a marker file. */
export function markerFaults(file: unknown): string[] {
  return faults(marker, file);
}

const status = ajv.compile(
  closed({ ...statusSchema, properties: unnamed(statusSchema.properties) }) as object,
);

/** Returns the faults in the output of `otop status --format json`. */
export function statusFaults(output: unknown): string[] {
  return faults(status, output);
}

/** Type schemas without named references. */
function unnamed(types: object): object {
  return Object.fromEntries(Object.entries(types).map(([key, { $id: _name, ...type }]) => [key, type]));
}

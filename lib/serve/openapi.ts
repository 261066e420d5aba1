import type { TSchema } from '@sinclair/typebox';
import { text } from '../domain/schema/field-types.ts';
import { References } from '../domain/schema/json-schema.ts';
import { refusalSchema } from '../domain/schema/serve.ts';
import { capitalized } from '../text/format.ts';
import type { Route } from './route.ts';

/** The refusals that every route shares. */
const sharedRefusals: Readonly<Record<number, string>> = {
  400: 'the address cannot be read',
  401: 'the token is missing or wrong',
  403: 'the Host is another, a page in a browser asks, or there is no token yet',
  405: 'another method',
  406: 'Accept leaves out what this is',
  429: 'too many requests; Retry-After says when',
};

/** Returns the OpenAPI 3.1 document of these routes (https://spec.openapis.org/oas/v3.1.1). */
export function openApiDocument(routes: readonly Route[], version: string): object {
  const references = new References('#/components/schemas/');
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route, references) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'otop serve',
      version,
      description: 'Every opencode session of this machine, what it does, and whether it needs you.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    paths,
    components: {
      schemas: references.definitions,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'OTOP_TOKEN or the token file' },
      },
    },
  };
}

function operation(route: Route, references: References): object {
  const { method, path, type, summary, details, parameters, body, outcomes } = route;
  const json = (schema: TSchema) => ({ 'application/json': { schema: references.to(schema) } });
  const errorContent = json(refusalSchema);
  const own = Object.entries(outcomes).map(([status, { description, schema = text() }]) => {
    const content = Number(status) >= 400 ? errorContent : { [type]: { schema: references.to(schema) } };
    return [status, { description, content }];
  });
  const shared = Object.entries(sharedRefusals).map(([status, description]) => [
    status,
    { description, content: errorContent },
  ]);
  return {
    operationId: operationId(method, path),
    summary,
    ...(details !== undefined && { description: details }),
    ...(parameters && {
      parameters: parameters.map((each) => ({ ...each, required: each.in === 'path' })),
    }),
    ...(body && { requestBody: { required: true, content: json(body) } }),
    responses: Object.fromEntries([...shared, ...own]),
    // A GET on a loopback address needs no token.
    security: method === 'GET' ? [{}, { token: [] }] : [{ token: [] }],
  };
}

/** `GET /sessions` → `getSessions`, `POST /sessions/{id}/fork` → `postSessionsIdFork`. */
function operationId(method: string, path: string): string {
  const words = path.split(/[^a-z0-9]+/i).filter(Boolean);
  return method.toLowerCase() + words.map(capitalized).join('');
}

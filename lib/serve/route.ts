import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TSchema } from '@sinclair/typebox';
import type { Refusal } from '../domain/schema/serve.ts';

/** A request that the guard allowed. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The decoded parameters of the path, by name. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

/** A whole response. Without a `type` it has the media type of its route. */
export interface RouteResponse {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A response of a route, as the OpenAPI document describes it. */
interface Outcome {
  readonly description: string;
  readonly schema?: TSchema;
}

/** A route of `otop serve`. The dispatch, `GET /` and the OpenAPI document are made from it. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** The path with its parameters in braces, as OpenAPI writes them: `/sessions/{id}/fork`. */
  readonly path: string;
  /** The media type of a successful response. */
  readonly type: string;
  readonly summary: string;
  readonly details?: string;
  readonly parameters?: readonly {
    readonly in: 'path' | 'query';
    readonly name: string;
    readonly description: string;
    readonly schema: TSchema;
  }[];
  /** The type of the JSON request body. */
  readonly body?: TSchema;
  /** The responses by status code, without the refusals that all routes share. */
  readonly outcomes: Readonly<Record<number, Outcome>>;
  /** Returns the response, or undefined if the route writes it itself, as a stream does. */
  run(exchange: Exchange): RouteResponse | undefined | Promise<RouteResponse>;
}

/** Returns a response with the reason of a refusal in words. */
export function refuse(
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): RouteResponse {
  const refusal: Refusal = { error };
  return { status, body: `${JSON.stringify(refusal)}\n`, type: 'application/json', headers };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TSchema } from '@sinclair/typebox';
import type { Refusal } from '../domain/schema/serve.ts';

/** What a client asked, after the guards let it in. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Of the path, decoded, by their names in it. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

/** An answer in one piece; its media type is the route's where it names none. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer of the OpenAPI document. */
interface Outcome {
  readonly description: string;
  readonly schema?: TSchema;
}

/** One thing that `otop serve` answers: drives the dispatch, `GET /` and the OpenAPI document. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** With the names of its parameters in braces, as OpenAPI writes it. */
  readonly path: string;
  /** Of the answer, where it succeeds. */
  readonly type: string;
  readonly summary: string;
  readonly details?: string;
  readonly parameters?: readonly {
    readonly in: 'path' | 'query';
    readonly name: string;
    readonly description: string;
    readonly schema: TSchema;
  }[];
  /** JSON that it takes. */
  readonly body?: TSchema;
  /** By status code; the refusals that every route shares are not among them. */
  readonly outcomes: Readonly<Record<number, Outcome>>;
  /** Undefined where it answers by itself, as a stream does. */
  run(exchange: Exchange): Answer | undefined | Promise<Answer>;
}

/** An answer that says in words why not. */
export function refuse(
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const refusal: Refusal = { error };
  return { status, body: `${JSON.stringify(refusal)}\n`, type: 'application/json', headers };
}

import type { Reply } from '../../domain/session/acts.ts';
import type { ReportedActivity } from '../../domain/session/reported-status.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import type { JsonObject } from '../json.ts';
import type { SessionAsk } from './live-wire.ts';

/** The state of the sessions of one directory; a server keeps its state by directory. */
export interface DirectoryState {
  /** By session id; without idle sessions. */
  readonly activities: ReadonlyMap<string, ReportedActivity>;
  readonly asks: readonly SessionAsk[];
}

/** A message as the API returns it. */
export interface WireMessage {
  readonly info: JsonObject;
  readonly parts: readonly JsonObject[];
}

/**
 * The requests that otop sends to an opencode server of either API version. All have a timeout and reject with a
 * ServerFailure or with what `fetch` throws. The content of a response is untrusted.
 */
export interface OpencodeApi {
  /** 1 for opencode 1.x, 2 for opencode 2. */
  readonly apiVersion: 1 | 2;
  readonly version: DisplayText;
  /** Returns sessions of all projects of the server, the last updated first. */
  sessions(limit: number): Promise<readonly JsonObject[]>;
  /** Returns a directory's state. The server opens the directory, so request only directories of its own sessions. */
  directory(path: string, nowMs: number): Promise<DirectoryState>;
  /** Returns the newest messages of a session, oldest first. */
  messages(sessionId: string, limit: number): Promise<readonly WireMessage[]>;
  /** Returns the todos of a session, not decoded. */
  todos(sessionId: string): Promise<readonly unknown[]>;
  /** Yields the server's events from now on, not decoded; ends or throws when the stream does. */
  events(signal: AbortSignal, onSkipped: () => void): AsyncIterable<unknown>;
  /** Sends the reply to an ask. */
  reply(sessionId: string, directory: string | undefined, reply: Reply): Promise<void>;
  /** Ends the session's turn. */
  abort(sessionId: string, directory: string | undefined): Promise<void>;
}

/** Address of a server and its current `Authorization` header. */
export interface Endpoint {
  readonly url: string;
  readonly authorization: () => string | undefined;
}

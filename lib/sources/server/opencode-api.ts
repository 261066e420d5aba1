import type { Reply } from '../../domain/session/acts.ts';
import type { ReportedActivity } from '../../domain/session/reported-status.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import type { JsonObject } from '../json.ts';
import type { Limits } from './bounded-fetch.ts';
import type { ServerEvent } from './event-wire.ts';
import type { SessionAsk } from './live-wire.ts';

/** The released opencode 2, or a build before it; routes and bodies differ (opencode-2.md, "Changes since the builds"). */
export type BuildTwo = 'released' | 'before release';

/** The state of the sessions of one directory; a server keeps its state by directory. */
export interface DirectoryState {
  /** By session id; without idle sessions. */
  readonly activities: ReadonlyMap<string, ReportedActivity>;
  readonly asks: readonly SessionAsk[];
}

/** The state of all sessions of a server. */
export interface ServerState extends DirectoryState {
  /** The directories of sessions, as far as they are known. */
  readonly directories: ReadonlyMap<string, string>;
}

/** The way in which an API gives the state of its sessions. */
type StateReader =
  /** Opens no directory. */
  | { readonly scope: 'server'; read(nowMs: number): Promise<ServerState> }
  /** The server opens the directory, so request only directories of its own sessions. */
  | { readonly scope: 'directory'; read(path: string, nowMs: number): Promise<DirectoryState> };

/** An event that otop needs, with its directory; or a change that only a poll shows. */
export interface DecodedEvent {
  readonly event?: ServerEvent;
  readonly directory?: string;
  readonly isPollDue?: true;
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
  /** Of opencode 2 only. */
  readonly build?: BuildTwo;
  /** Returns sessions of all projects of the server, the last updated first. */
  sessions(limit: number): Promise<readonly JsonObject[]>;
  /** Reads the state of the sessions: of opencode 2 for the whole server, of opencode 1 by directory. */
  readonly state: StateReader;
  /** Returns the newest messages of a session, oldest first. */
  messages(sessionId: string, limit: number): Promise<readonly WireMessage[]>;
  /** Returns the todos of a session, not decoded. */
  todos(sessionId: string): Promise<readonly unknown[]>;
  /** Yields the server's events from now on, not decoded; ends or throws when the stream does. */
  events(signal: AbortSignal, onSkipped: () => void): AsyncIterable<unknown>;
  /** Decodes an event of `events`; undefined if otop does not need it. Never throws. */
  decode(envelope: unknown, nowMs: number): DecodedEvent | undefined;
  /** Sends the reply to an ask. */
  reply(sessionId: string, directory: string | undefined, reply: Reply): Promise<void>;
  /** Ends the session's turn. */
  abort(sessionId: string, directory: string | undefined): Promise<void>;
}

/** Options of a connection. */
export interface ApiOptions {
  readonly limits: Limits;
  /** Also passes on the events about messages, for sessions that are in no database of this machine. */
  readonly withContent: boolean;
}

/** Address of a server and its current `Authorization` header. */
export interface Endpoint {
  readonly url: string;
  readonly authorization: () => string | undefined;
}

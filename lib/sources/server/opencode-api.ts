import type { Reply } from '../../domain/session/acts.ts';
import type { ReportedActivity } from '../../domain/session/reported-status.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import type { JsonObject } from '../json.ts';
import type { SessionAsk } from './live-wire.ts';

/** What one server says of the sessions of one directory: its state is kept by directory. */
export interface DirectoryState {
  /** Of those that are not idle. */
  readonly activities: ReadonlyMap<string, ReportedActivity>;
  readonly asks: readonly SessionAsk[];
}

/** A message as the API gives it. */
export interface WireMessage {
  readonly info: JsonObject;
  readonly parts: readonly JsonObject[];
}

/**
 * What otop asks of an opencode server, whatever its generation. Everything rejects with a ServerFailure or with what
 * fetch throws, in bounded time; what an answer holds is taken as unknown and never trusted.
 */
export interface OpencodeApi {
  /** 1 or 2: the generation of its API. */
  readonly generation: 1 | 2;
  readonly version: DisplayText;
  /** Sessions of all its projects, those updated last first. */
  sessions(limit: number): Promise<readonly JsonObject[]>;
  /** Makes the server open the directory where it has not: ask for those of its own sessions only. */
  directory(path: string, nowMs: number): Promise<DirectoryState>;
  /** The newest messages of a session, oldest first. */
  messages(sessionId: string, limit: number): Promise<readonly WireMessage[]>;
  todos(sessionId: string): Promise<readonly unknown[]>;
  /** What happens from now on; ends or throws where the stream does. */
  events(signal: AbortSignal, onSkipped: () => void): AsyncIterable<unknown>;
  reply(sessionId: string, directory: string | undefined, reply: Reply): Promise<void>;
  abort(sessionId: string, directory: string | undefined): Promise<void>;
}

/** A server as it is reached: what an API is opened on. */
export interface Reach {
  readonly url: string;
  readonly authorization: () => string | undefined;
}

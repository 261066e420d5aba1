import type { ServerResponse } from 'node:http';
import type { Board } from '../domain/board/board.ts';
import type { Clock, Timer } from '../system/clock.ts';
import { type BoardFeed, boardFeed, type FeedOrigin } from '../view/board-feed.ts';
import { serveDocument, type TodosOf } from '../view/serve-json.ts';
import type { EventStream } from './event-stream.ts';

/** Readers of events get an `alive` event at this interval. */
const aliveIntervalMs = 10_000;

/** The parts of a shared Board. */
export interface SharedBoardParts {
  readonly todosOf: TodosOf;
  readonly origin: FeedOrigin;
  readonly events: EventStream;
  readonly clock: Clock;
}

/** The newest Board, shared by all clients. It is encoded at the first request for it, once for all clients. */
export class SharedBoard {
  readonly #todosOf: TodosOf;
  readonly #origin: FeedOrigin;
  readonly #events: EventStream;
  readonly #clock: Clock;
  #board: Board;
  #document: string | undefined;
  /** The state that the readers of events know; undefined if there are no readers. */
  #feed: BoardFeed | undefined;
  #heartbeat: Timer | undefined;

  constructor(board: Board, { todosOf, origin, events, clock }: SharedBoardParts) {
    this.#board = board;
    this.#todosOf = todosOf;
    this.#origin = origin;
    this.#events = events;
    this.#clock = clock;
  }

  get board(): Board {
    return this.#board;
  }

  /** Returns the body of `GET /sessions`. */
  document(): string {
    this.#document ??= `${JSON.stringify(serveDocument(this.#board, this.#todosOf))}\n`;
    return this.#document;
  }

  /** Replaces the Board, and sends the changes to the readers of events. */
  update(board: Board): void {
    this.#board = board;
    this.#document = undefined;
    if (this.#events.size === 0) this.#feed = undefined;
    if (this.#feed) this.#events.send(this.#feed.next(board));
  }

  /** Starts a stream of events with the whole Board. */
  follow(response: ServerResponse): void {
    const feed = boardFeed(this.#origin);
    this.#events.add(response, feed.next(this.#board));
    this.#feed ??= feed;
    this.#heartbeat ??= this.#scheduleHeartbeat();
  }

  /** Ends all streams. */
  close(): void {
    this.#heartbeat?.cancel();
    this.#events.close();
  }

  #scheduleHeartbeat(): Timer {
    return this.#clock.after(aliveIntervalMs, () => {
      if (this.#feed) this.#events.send([this.#feed.alive(this.#board)]);
      this.#heartbeat = this.#events.size > 0 ? this.#scheduleHeartbeat() : undefined;
    });
  }
}

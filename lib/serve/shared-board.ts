import type { ServerResponse } from 'node:http';
import type { Board } from '../domain/board/board.ts';
import type { Clock, Timer } from '../system/clock.ts';
import { type BoardFeed, boardFeed, type FeedOrigin } from '../view/board-feed.ts';
import { serveDocument, type TodosOf } from '../view/serve-json.ts';
import type { EventStream } from './event-stream.ts';

/** How often readers of events hear something at the least. */
const aliveMs = 10_000;

/** What a shared Board is given out with. */
export interface SharedBoardParts {
  readonly todosOf: TodosOf;
  readonly origin: FeedOrigin;
  readonly events: EventStream;
  readonly clock: Clock;
}

/** The newest Board, shared by all clients: turned to JSON once for all, and only where somebody asks. */
export class SharedBoard {
  readonly #todosOf: TodosOf;
  readonly #origin: FeedOrigin;
  readonly #events: EventStream;
  readonly #clock: Clock;
  #board: Board;
  #document: string | undefined;
  /** What the readers of events know; undefined where there are none. */
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

  /** What `GET /sessions` answers with. */
  document(): string {
    this.#document ??= `${JSON.stringify(serveDocument(this.#board, this.#todosOf))}\n`;
    return this.#document;
  }

  /** Takes a new Board, and tells the readers of events what changed. */
  update(board: Board): void {
    this.#board = board;
    this.#document = undefined;
    if (this.#events.size === 0) this.#feed = undefined;
    if (this.#feed) this.#events.send(this.#feed.next(board));
  }

  /** Begins a stream of events: the whole Board first. */
  follow(response: ServerResponse): void {
    const whole = boardFeed(this.#origin);
    this.#events.add(response, whole.next(this.#board));
    this.#feed ??= whole;
    this.#heartbeat ??= this.#beatLater();
  }

  close(): void {
    this.#heartbeat?.cancel();
    this.#events.close();
  }

  #beatLater(): Timer {
    return this.#clock.after(aliveMs, () => {
      if (this.#feed) this.#events.send([this.#feed.alive(this.#board)]);
      this.#heartbeat = this.#events.size > 0 ? this.#beatLater() : undefined;
    });
  }
}

import type { ServerResponse } from 'node:http';

/** How much is put up with. */
export interface StreamLimits {
  readonly clients: number;
  /** What a reader may leave unread in our memory, beyond the first event. */
  readonly unreadBytes: number;
}

interface Client {
  readonly response: ServerResponse;
  readonly unreadBytes: number;
}

/** Something that readers are told. */
export interface StreamEvent {
  readonly type: string;
}

/**
 * Server-sent events (https://html.spec.whatwg.org/#server-sent-events) to any number of readers: an event is turned to
 * text once for all, and a reader that leaves too much unread is let go.
 */
export class EventStream {
  readonly #limits: StreamLimits;
  readonly #clients = new Set<Client>();
  #nextId = 1;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** False where there are too many readers already. */
  get hasRoom(): boolean {
    return this.#clients.size < this.#limits.clients;
  }

  /** Begins a stream with its first events. */
  add(response: ServerResponse, events: readonly StreamEvent[]): void {
    const first = events.map((event) => this.#text(event)).join('');
    const client = { response, unreadBytes: this.#limits.unreadBytes + first.length };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.socket?.setNoDelay(true);
    response.once('close', () => this.#clients.delete(client));
    this.#clients.add(client);
    response.write(`retry: 2000\n\n${first}`);
  }

  send(events: readonly StreamEvent[]): void {
    if (events.length === 0) return;
    const text = events.map((event) => this.#text(event)).join('');
    for (const { response, unreadBytes } of this.#clients) {
      if (response.writableLength > unreadBytes) response.destroy();
      else response.write(text);
    }
  }

  /** Ends all streams in order. */
  close(): void {
    for (const { response } of this.#clients) response.end();
  }

  #text(event: StreamEvent): string {
    return `id: ${this.#nextId++}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  }
}

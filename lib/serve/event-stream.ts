import type { ServerResponse } from 'node:http';

/** The limits of a stream. */
export interface StreamLimits {
  readonly clients: number;
  /** The maximum that a client may leave unread in memory, beyond its first events. */
  readonly unreadBytes: number;
}

interface Client {
  readonly response: ServerResponse;
  readonly unreadBytes: number;
}

/** An event for the clients. */
export interface StreamEvent {
  readonly type: string;
}

/**
 * Sends server-sent events (https://html.spec.whatwg.org/#server-sent-events) to many clients. Each event is encoded once
 * for all. A client that leaves too much unread is disconnected.
 */
export class EventStream {
  readonly #limits: StreamLimits;
  readonly #clients = new Set<Client>();
  #nextId = 1;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  /** The number of clients. */
  get size(): number {
    return this.#clients.size;
  }

  /** False if the maximum number of clients is reached. */
  get hasRoom(): boolean {
    return this.#clients.size < this.#limits.clients;
  }

  /** Starts a stream to a client with its first events. */
  add(response: ServerResponse, events: readonly StreamEvent[]): void {
    const first = events.map((event) => this.#text(event)).join('');
    const client = { response, unreadBytes: this.#limits.unreadBytes + first.length };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.socket?.setNoDelay(true);
    response.once('close', () => this.#clients.delete(client));
    this.#clients.add(client);
    response.write(`retry: 2000\n\n${first}`);
  }

  /** Sends events to all clients. */
  send(events: readonly StreamEvent[]): void {
    if (events.length === 0) return;
    const text = events.map((event) => this.#text(event)).join('');
    for (const { response, unreadBytes } of this.#clients) {
      if (response.writableLength > unreadBytes) response.destroy();
      else response.write(text);
    }
  }

  /** Ends all streams after the events that are already sent. */
  close(): void {
    for (const { response } of this.#clients) response.end();
  }

  #text(event: StreamEvent): string {
    return `id: ${this.#nextId++}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  }
}

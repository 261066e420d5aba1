import { EventEmitter, on } from 'node:events';
import type { LoadedPlugin } from './opencode-plugin.ts';

/** An event of opencode 2, without what the plugin does not read. */
interface PluginEvent {
  readonly type: string;
  readonly data: unknown;
}

/**
 * Stands in for the loader of plugins in a service of opencode 2.0 to 2.3, which cannot be installed: made from the contract
 * (opencode-2.md, "Plugins of the server"), and run against no real one. It evaluates the file once for each directory, calls
 * `setup` with a context, and its cleanup when the directory stops. Each context hears the events of all directories.
 */
export class PluginLoaderTwo {
  readonly #plugin: LoadedPlugin;
  readonly #events = new EventEmitter();
  readonly #cleanups = new Map<string, (() => Promise<void>) | undefined>();
  /** How often a stream was opened. */
  opened = 0;
  /** Set to have each further `subscribe` throw. */
  refuses = false;

  constructor(plugin: LoadedPlugin) {
    this.#plugin = plugin;
  }

  /** The number of open streams. */
  get streams(): number {
    return this.#events.listenerCount('event');
  }

  /** Opens a directory, or opens it again. Rejects if the plugin is not what opencode 2 takes. */
  async open(directory: string, context: object = {}): Promise<void> {
    const { default: plugin } = await this.#plugin.evaluate();
    if (typeof plugin?.id !== 'string' || typeof plugin.setup !== 'function')
      throw new Error('Plugin must export a default definition with an id and an effect or setup function');
    const event = { subscribe: ({ signal }: { signal: AbortSignal }) => this.#subscribe(signal) };
    const cleanup = await plugin.setup({ location: { directory }, options: {}, event, ...context });
    this.#cleanups.set(directory, cleanup);
  }

  /** Stops a directory. */
  async stop(directory: string): Promise<void> {
    await this.#cleanups.get(directory)?.();
    this.#cleanups.delete(directory);
  }

  /** Sends an event to every open stream. */
  emit(type: string, data: unknown): void {
    this.#events.emit('event', { type, data } satisfies PluginEvent);
  }

  /** Ends all streams, as the server does with a reader that lags. */
  cut(): void {
    this.#events.emit('end');
  }

  #subscribe(signal: AbortSignal): AsyncIterable<PluginEvent> {
    if (this.refuses) throw new Error('the stream is closed');
    this.opened += 1;
    return eventsOf(on(this.#events, 'event', { signal, close: ['end'] }));
  }
}

async function* eventsOf(emitted: AsyncIterable<readonly PluginEvent[]>): AsyncGenerator<PluginEvent> {
  for await (const [event] of emitted) if (event !== undefined) yield event;
}

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { vi } from 'vitest';
import { type ParsedMarker, parseMarker } from '../../lib/sources/marker/parse-marker.ts';
import { markerFaults } from './schema-faults.ts';
import { until } from './wait.ts';

/** The hooks of a plugin that opencode has loaded for a directory. */
interface Hooks {
  event(message: unknown): Promise<void>;
  'chat.message'(prompt: unknown): Promise<void>;
  dispose(): Promise<void>;
}

/** What the plugin's file exports. */
interface PluginModule {
  readonly default: {
    readonly id: string;
    server(input: unknown): Promise<Hooks>;
    setup(ctx: unknown): Promise<(() => Promise<void>) | undefined>;
  };
}

/** The plugin's file, loaded as opencode loads it, with a temporary state folder. */
export interface LoadedPlugin {
  readonly stateHome: string;
  readonly folder: string;
  /** Calls the plugin as opencode 1 does: once for each directory. */
  start(directory?: string): Promise<Hooks>;
  /** Evaluates the plugin's file once more, as opencode 2 does. */
  evaluate(): Promise<PluginModule>;
  /** Returns the text of the marker, or undefined if there is none. */
  text(): string | undefined;
  /** Resolves when the marker passes `test`; rejects if that takes too long. */
  until(test: (marker: ParsedMarker) => boolean): Promise<void>;
  remove(): void;
}

export const pluginFile = resolve(import.meta.dirname, '../../lib/plugin/otop.js');
let loaded = 0;

/** Loads a new copy of the plugin's module, since the module stores the state of its process. */
export async function loadPlugin(): Promise<LoadedPlugin> {
  const stateHome = mkdtempSync(join(tmpdir(), 'otop-plugin-spec-'));
  const folder = join(stateHome, 'otop', 'markers');
  const listeners = process.listeners('exit');
  const evaluate = async (): Promise<PluginModule> => {
    vi.stubEnv('XDG_STATE_HOME', stateHome);
    loaded += 1;
    const module: PluginModule = await import(`${pathToFileURL(pluginFile).href}?copy=${loaded}`);
    vi.unstubAllEnvs();
    return module;
  };
  const { default: plugin } = await evaluate();
  const text = () => {
    const name = existsSync(folder) ? readdirSync(folder).find((each) => each.endsWith('.json')) : undefined;
    try {
      return name === undefined ? undefined : readFileSync(join(folder, name), 'utf8');
    } catch {
      return undefined; // The file was removed after the folder was listed.
    }
  };
  return {
    stateHome,
    folder,
    start: (directory = '/home/u/projA') => plugin.server({ directory }),
    evaluate,
    text,
    async until(test) {
      let seen = '';
      const look = () => {
        seen = text() ?? '';
        return test(parseMarker(seen));
      };
      await until('such a marker', look, () => seen);
      const faults = seen === '' ? [] : markerFaults(JSON.parse(seen));
      if (faults.length > 0) throw new Error(`no marker as its schema has it: ${faults.join(', ')}: ${seen}`);
    },
    remove() {
      // Pending writes may create files during the removal. `maxRetries` does not list the folder again.
      const remove = (triesLeft: number): void => {
        try {
          rmSync(stateHome, { recursive: true, force: true });
        } catch (error) {
          if (triesLeft === 0) throw error;
          remove(triesLeft - 1);
        }
      };
      remove(10);
      Reflect.deleteProperty(globalThis, Symbol.for('otop.plugin.service.1'));
      for (const each of process.listeners('exit')) if (!listeners.includes(each)) process.off('exit', each);
    },
  };
}

/** Returns an event as opencode passes it to a plugin. */
export function event(type: string, properties: unknown): unknown {
  return { event: { type, properties } };
}

/** Returns a `session.status` event. */
export function status(sessionID: string, type: 'busy' | 'idle' | 'retry', some: object = {}): unknown {
  return event('session.status', { sessionID, status: { type, ...some } });
}

/** Returns a `session.created` event of 1.18.33. */
export function created(id: string, some: object = {}): unknown {
  const info = { id, title: `About ${id}`, version: '1.18.33', directory: '/home/u/projA', ...some };
  return event('session.created', { sessionID: id, info });
}

/** Returns a `permission.asked` event for a shell command. */
export function asked(sessionID: string, id: string, command: string): unknown {
  const patterns = [command];
  return event('permission.asked', { id, sessionID, permission: 'bash', patterns, metadata: { command } });
}

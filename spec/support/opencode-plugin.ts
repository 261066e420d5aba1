import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { vi } from 'vitest';
import { type ParsedMarker, parseMarker } from '../../lib/sources/marker/parse-marker.ts';
import { markerFaults } from './schema-faults.ts';

/** What opencode holds of a plugin that it has loaded for a directory. */
interface Hooks {
  event(message: unknown): Promise<void>;
  'chat.message'(prompt: unknown): Promise<void>;
  dispose(): Promise<void>;
}

/** The plugin's file, loaded as opencode would load it, with a state folder of its own. */
export interface LoadedPlugin {
  readonly stateHome: string;
  readonly folder: string;
  /** Calls the plugin as opencode does, once for each directory. */
  start(directory?: string): Promise<Hooks>;
  /** The text of the marker; undefined while there is none. */
  text(): string | undefined;
  /** Waits until the marker holds what `test` wants. */
  until(test: (marker: ParsedMarker) => boolean): Promise<void>;
  remove(): void;
}

export const pluginFile = resolve(import.meta.dirname, '../../lib/plugin/otop.js');
let loaded = 0;

/** Loads it anew: its module remembers the process that it runs in. */
export async function loadPlugin(): Promise<LoadedPlugin> {
  const stateHome = mkdtempSync(join(tmpdir(), 'otop-plugin-spec-'));
  const folder = join(stateHome, 'otop', 'markers');
  vi.stubEnv('XDG_STATE_HOME', stateHome);
  loaded += 1;
  const listeners = process.listeners('exit');
  const module: { OtopMarker(input: unknown): Promise<Hooks> } = await import(
    `${pathToFileURL(pluginFile).href}?copy=${loaded}`
  );
  vi.unstubAllEnvs();
  const text = () => {
    const name = existsSync(folder) ? readdirSync(folder).find((each) => each.endsWith('.json')) : undefined;
    try {
      return name === undefined ? undefined : readFileSync(join(folder, name), 'utf8');
    } catch {
      return undefined; // Removed since its name was read.
    }
  };
  return {
    stateHome,
    folder,
    start: (directory = '/home/u/projA') => module.OtopMarker({ directory }),
    text,
    async until(test) {
      let seen = '';
      const look = () => {
        seen = text() ?? '';
        if (!test(parseMarker(seen))) throw new Error(`not yet: ${seen}`);
      };
      await vi.waitFor(look, { timeout: 5_000, interval: 2 });
      const faults = seen === '' ? [] : markerFaults(JSON.parse(seen));
      if (faults.length > 0) throw new Error(`no marker as its schema has it: ${faults.join(', ')}: ${seen}`);
    },
    remove() {
      // Writes that are under way end in between, each once; `maxRetries` does not list the folder anew.
      const remove = (triesLeft: number): void => {
        try {
          rmSync(stateHome, { recursive: true, force: true });
        } catch (error) {
          if (triesLeft === 0) throw error;
          remove(triesLeft - 1);
        }
      };
      remove(10);
      for (const each of process.listeners('exit')) if (!listeners.includes(each)) process.off('exit', each);
    },
  };
}

/** An event as opencode gives it to a plugin. */
export function event(type: string, properties: unknown): unknown {
  return { event: { type, properties } };
}

/** `session.status` of a session. */
export function status(sessionID: string, type: 'busy' | 'idle' | 'retry', some: object = {}): unknown {
  return event('session.status', { sessionID, status: { type, ...some } });
}

/** `session.created`, as 1.18.33 words it. */
export function created(id: string, some: object = {}): unknown {
  const info = { id, title: `About ${id}`, version: '1.18.33', directory: '/home/u/projA', ...some };
  return event('session.created', { sessionID: id, info });
}

/** `permission.asked` for a shell command. */
export function asked(sessionID: string, id: string, command: string): unknown {
  const patterns = [command];
  return event('permission.asked', { id, sessionID, permission: 'bash', patterns, metadata: { command } });
}

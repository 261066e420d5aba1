import { join } from 'node:path';
import { type ParseError, parseTree } from 'jsonc-parser';
import {
  type RememberedView,
  type Settings,
  type SomeSettings,
  type ViewMemoryFile,
  viewMemorySchema,
} from '../domain/schema/configuration.ts';
import { readPlainFile } from '../system/files.ts';
import { stateFolder } from '../system/folders.ts';
import { writeOwnedFile } from '../system/owned-file.ts';
import type { Environment } from '../system/surroundings.ts';
import { type ConfigNode, readSettings } from './read-settings.ts';

/** The path of the file that stores the view, in the state folder. */
export function viewMemoryPath(env: Environment, homeDir: string): string {
  return join(stateFolder(env, homeDir), 'view.json');
}

/** The stored part of the settings. */
export function viewOf({ sort, layout }: Settings): RememberedView {
  return { sort, rows: layout.rows };
}

/**
 * Returns the settings that keys changed. Ignores a stored setting if the configuration has changed it since, because
 * the newer choice wins. Returns an empty object if the file is missing or not valid.
 */
export function readViewMemory(path: string, configured: RememberedView): SomeSettings {
  const stored = storedViews(path);
  if (!stored) return {};
  const { seen, base } = stored;
  const isStillWanted = (key: keyof RememberedView) =>
    isEqual(base[key], configured[key]) && !isEqual(seen[key], base[key]);
  return {
    ...(isStillWanted('sort') && { sort: seen.sort }),
    ...(isStillWanted('rows') && { layout: { rows: seen.rows } }),
  };
}

/** Stores the view for the next start. */
export interface ViewMemory {
  /** Writes the view if it changed since the start. A failed write (for example a full disk) is ignored. */
  save(seen: RememberedView, base: RememberedView): void;
}

/** Stores changes relative to the view at start, so that options of one command line are not stored. */
export function viewMemory(path: string | undefined, start: RememberedView): ViewMemory {
  return {
    save(seen, base) {
      if (path === undefined || isEqual(seen, start)) return;
      try {
        const file: ViewMemoryFile = { seen, base };
        writeOwnedFile(path, `${JSON.stringify(file)}\n`);
      } catch {
        // A full or read-only disk: the next start has the old view.
        return;
      }
    },
  };
}

/** Undefined if the file is missing or not as its type describes it: a view may name a column that is gone. */
function storedViews(path: string): ViewMemoryFile | undefined {
  try {
    const errors: ParseError[] = [];
    let isRight = true;
    const root = parseTree(readPlainFile(path), errors, { disallowComments: true });
    const report = () => {
      isRight = false;
    };
    const stored = root && readSettings(viewMemorySchema, root as ConfigNode, report);
    return isRight && errors.length === 0 ? stored : undefined;
  } catch {
    return undefined;
  }
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

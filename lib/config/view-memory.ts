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

/** Where the view is remembered: state, not configuration. */
export function viewMemoryPath(env: Environment, homeDir: string): string {
  return join(stateFolder(env, homeDir), 'view.json');
}

/** The remembered part of settings. */
export function viewOf({ sort, layout }: Settings): RememberedView {
  return { sort, rows: layout.rows };
}

/**
 * What was switched by keys, of a view that was configured as `configured` says; nothing of what was configured
 * anew since, for that is the later wish. A file that is not understood says nothing.
 */
export function readViewMemory(path: string, configured: RememberedView): SomeSettings {
  const stored = storedViews(path);
  if (!stored) return {};
  const { seen, base } = stored;
  const keeps = (key: keyof RememberedView) =>
    same(base[key], configured[key]) && !same(seen[key], base[key]);
  return {
    ...(keeps('sort') && { sort: seen.sort }),
    ...(keeps('rows') && { layout: { rows: seen.rows } }),
  };
}

/** Keeps what keys switch for the next start. */
export interface ViewMemory {
  /** Writes what was switched since the start, if anything was; a disk that is full costs only that. */
  save(seen: RememberedView, base: RememberedView): void;
}

/** Remembers against the view of the start: what only the command line says is not the person's habit. */
export function viewMemory(path: string | undefined, start: RememberedView): ViewMemory {
  return {
    save(seen, base) {
      if (path === undefined || same(seen, start)) return;
      try {
        const file: ViewMemoryFile = { seen, base };
        writeOwnedFile(path, `${JSON.stringify(file)}\n`);
      } catch {
        // A full or read-only disk: the next start is as this one was.
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

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

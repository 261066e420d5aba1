import { join } from 'node:path';
import type { Settings, SomeSettings } from '../domain/ui/settings/table.ts';
import { readPlainFile } from '../system/files.ts';
import { stateFolder } from '../system/folders.ts';
import { writeOwnedFile } from '../system/owned-file.ts';
import type { Environment } from '../system/surroundings.ts';
import { readConfigText } from './config-text.ts';

/** What is switched by a key, and found again at the next start. */
export interface RememberedView {
  readonly sort: Settings['sort'];
  readonly rows: Settings['layout']['rows'];
}

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
        writeOwnedFile(path, `${JSON.stringify({ seen, base })}\n`);
      } catch {
        // A full or read-only disk: the next start is as this one was.
        return;
      }
    },
  };
}

function storedViews(path: string): { seen: RememberedView; base: RememberedView } | undefined {
  try {
    const stored = JSON.parse(readPlainFile(path)) as { seen?: unknown; base?: unknown };
    const [seen, base] = [readView(stored.seen), readView(stored.base)];
    return seen && base && { seen, base };
  } catch {
    return undefined;
  }
}

/** Judged by the same rules as the configuration: a column that is gone is no view. */
function readView(view: unknown): RememberedView | undefined {
  const { sort, rows } = view as { sort?: unknown; rows?: unknown };
  const { values, problems } = readConfigText(JSON.stringify({ sort, layout: { rows } }));
  const { column, descending } = values.sort ?? {};
  const lines = values.layout?.rows;
  if (problems.length > 0 || column === undefined || descending === undefined || lines === undefined)
    return undefined;
  return { sort: { column, descending }, rows: lines };
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

import { lstatSync, mkdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseMarkerName, troubleFile } from '../sources/marker/places.ts';
import { errorCode, namesIn, readPlainFile } from '../system/files.ts';
import { xdgFolder } from '../system/folders.ts';
import type { Surroundings } from '../system/surroundings.ts';

/**
 * Where the plugin is put. Every opencode loads this folder, also one with OPENCODE_CONFIG_DIR, whose folder it loads
 * beside it (opencode.md, "Loading a plugin"): so there is one place for all, whatever otop's own environment says.
 */
export function pluginPath(surroundings: Surroundings): string {
  return join(xdgFolder('config', surroundings), 'opencode', 'plugins', 'otop.js');
}

/** What stands at the plugin's place. */
export type Installation =
  | { readonly kind: 'absent' }
  /** Of otop, of this version or another. */
  | { readonly kind: 'ours'; readonly version: string; readonly text: string; readonly topFolder?: string }
  | { readonly kind: 'foreign'; readonly what: string };

const mark = '// otop-plugin ';

/** The file as `install` writes it: the plugin behind two lines that say whose it is. */
export function installedText(source: string, version: string, topFolder: string | undefined): string {
  const facts = JSON.stringify({ version, ...(topFolder !== undefined && { topFolder }) });
  const comment = '// Made by otop: `otop plugin install` put it here, `otop plugin uninstall` removes it.';
  return `${comment}\n${mark}${facts}\n${source.replace(/^\/\/ @ts-check\n/, '')}`;
}

/** Looks what is there; throws what the file system says where it cannot be read. */
export function inspectPlugin(path: string): Installation {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return { kind: 'absent' };
  if (stat.isSymbolicLink()) return { kind: 'foreign', what: 'a symbolic link' };
  if (!stat.isFile()) return { kind: 'foreign', what: 'no file' };
  const text = readPlainFile(path);
  const line = text.split('\n', 2)[1] ?? '';
  if (!line.startsWith(mark)) return { kind: 'foreign', what: "a file that is not otop's" };
  const { version = '?', topFolder } = factsOf(line.slice(mark.length));
  return { kind: 'ours', version, text, ...(topFolder !== undefined && { topFolder }) };
}

function factsOf(json: string): { version?: string; topFolder?: string } {
  try {
    const { version, topFolder } = JSON.parse(json) as { version?: unknown; topFolder?: unknown };
    return {
      ...(typeof version === 'string' && { version }),
      ...(typeof topFolder === 'string' && { topFolder }),
    };
  } catch {
    return {};
  }
}

/**
 * Writes the plugin as a whole, for the owner only, and notes in it which folders had to be made. Only for a place that
 * is absent or ours. Throws what the file system says; then what was there stays.
 */
export function writePlugin(path: string, source: string, version: string, before: Installation): void {
  const made = mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const topFolder = before.kind === 'ours' ? before.topFolder : made;
  // opencode loads what ends in .js or .ts.
  const draft = join(dirname(path), `.otop.${process.pid}.draft`);
  try {
    writeFileSync(draft, installedText(source, version, topFolder), { mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    if (made !== undefined) removeFolders(dirname(path), made);
    throw error;
  }
}

/** Removes the plugin, and of the folders that were made for it those that are empty. Throws what the file system says. */
export function removePlugin(path: string, { topFolder }: { readonly topFolder?: string }): void {
  rmSync(path);
  if (topFolder !== undefined) removeFolders(dirname(path), topFolder);
}

/** Empty folders from `folder` up to `top`; nothing where `top` is not above it. */
function removeFolders(folder: string, top: string): void {
  for (let each = folder; each === top || each.startsWith(`${top}/`); each = dirname(each)) {
    if (!removeIfEmpty(each)) return;
  }
}

/**
 * Removes what the plugin wrote, and its folder. A running opencode that has it loaded finds the folder gone and writes
 * nothing more. False where something in there is not the plugin's, or cannot be removed.
 */
export function removeMarkers(folder: string): boolean {
  // A write may come in between.
  for (let tries = 0; tries < 5; tries++) {
    for (const name of namesIn(folder)) {
      if (parseMarkerName(name) !== undefined || name === troubleFile)
        rmSync(join(folder, name), { force: true });
    }
    if (removeIfEmpty(folder)) {
      removeIfEmpty(dirname(folder));
      return true;
    }
  }
  return false;
}

/** True where the folder is gone afterwards. */
function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return errorCode(error) === 'ENOENT';
  }
}

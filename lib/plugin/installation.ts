import { lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseMarkerName, troubleFile } from '../sources/marker/places.ts';
import { namesIn, readPlainFile } from '../system/files.ts';
import { xdgFolder } from '../system/folders.ts';
import { removeEmptyFolders, removeIfEmpty } from '../system/owned-file.ts';
import type { Surroundings } from '../system/surroundings.ts';
import type { PluginForm } from './form.ts';

/**
 * The path of the installed plugin. Every opencode loads plugins from this folder, even if OPENCODE_CONFIG_DIR adds
 * another one (opencode.md, "Loading a plugin"), so one path is enough and otop ignores that variable.
 */
export function pluginPath(surroundings: Surroundings): string {
  return join(xdgFolder('config', surroundings), 'opencode', 'plugins', 'otop.js');
}

/** The state of the plugin's path. */
export type Installation =
  | { readonly kind: 'absent' }
  /** A plugin of otop, of this or another version. `topFolder` is the first folder that the installation created. */
  | {
      readonly kind: 'ours';
      readonly version: string;
      readonly form: PluginForm;
      readonly text: string;
      readonly topFolder?: string;
    }
  | { readonly kind: 'foreign'; readonly what: string };

const headerPrefix = '// otop-plugin ';

/** The last line of the plugin, and what stands in its place in the other form. */
const objectExport = "export default { id: 'otop', setup, server };";
const functionExport = 'export const OtopMarker = server;';

/** What an installed file consists of: the plugin's source, and what the user's machine adds. */
export interface InstalledFile {
  readonly source: string;
  /** The version of otop. */
  readonly version: string;
  readonly form: PluginForm;
  /** The first folder that the installation created. */
  readonly topFolder?: string | undefined;
}

/** The text of the installed file: two lines that identify it, then the plugin. */
export function installedText({ source, version, form, topFolder }: InstalledFile): string {
  const facts = JSON.stringify({ version, form, ...(topFolder !== undefined && { topFolder }) });
  const comment = '// Made by otop: `otop plugin install` put it here, `otop plugin uninstall` removes it.';
  const plugin = source.replace(/^\/\/ @ts-check\n/, '');
  const exported = form === 'object' ? plugin : plugin.replace(objectExport, functionExport);
  return `${comment}\n${headerPrefix}${facts}\n${exported}`;
}

/** Inspects the plugin's path. Throws the error of the file system if the file cannot be read. */
export function inspectPlugin(path: string): Installation {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return { kind: 'absent' };
  if (stat.isSymbolicLink()) return { kind: 'foreign', what: 'a symbolic link' };
  if (!stat.isFile()) return { kind: 'foreign', what: 'a folder or a special file' };
  const text = readPlainFile(path);
  const line = text.split('\n', 2)[1] ?? '';
  if (!line.startsWith(headerPrefix)) return { kind: 'foreign', what: "a file that is not otop's" };
  return {
    kind: 'ours',
    version: '?',
    form: 'function',
    text,
    ...parseHeader(line.slice(headerPrefix.length)),
  };
}

/** The facts of the header. A plugin of otop 0.1.0 has the form of a function and does not say so. */
function parseHeader(json: string): { version?: string; form?: PluginForm; topFolder?: string } {
  try {
    const { version, form, topFolder } = JSON.parse(json) as Readonly<Record<string, unknown>>;
    return {
      ...(typeof version === 'string' && { version }),
      ...((form === 'object' || form === 'function') && { form }),
      ...(typeof topFolder === 'string' && { topFolder }),
    };
  } catch {
    return {};
  }
}

/**
 * Writes the plugin atomically, readable by the owner only, and records in it the first folder that was created. Call it
 * only if `before` is absent or ours. Throws the error of the file system; then the old file stays.
 */
export function writePlugin(
  path: string,
  file: Omit<InstalledFile, 'topFolder'>,
  before: Installation,
): void {
  const createdFolder = mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const topFolder = before.kind === 'ours' ? before.topFolder : createdFolder;
  // opencode loads every file that ends in .js or .ts, so the draft must not.
  const draft = join(dirname(path), `.otop.${process.pid}.draft`);
  try {
    writeFileSync(draft, installedText({ ...file, topFolder }), { mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    if (createdFolder !== undefined) removeEmptyFolders(dirname(path), createdFolder);
    throw error;
  }
}

/** Removes the plugin, and the folders created for it if they are empty. Throws the error of the file system. */
export function removePlugin(path: string, { topFolder }: { readonly topFolder?: string }): void {
  rmSync(path);
  if (topFolder !== undefined) removeEmptyFolders(dirname(path), topFolder);
}

/**
 * Removes the files that the plugin wrote, and their folder. A plugin in a running opencode stops writing when the folder
 * is missing. Returns false if the folder contains other files or cannot be removed; throws if a file cannot be removed.
 */
export function removeMarkers(folder: string): boolean {
  // A plugin may write a file between the listing and the removal of the folder.
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

import { join, resolve } from 'node:path';
import { applyEdits, modify } from 'jsonc-parser';
import type { SomeSettings } from '../domain/schema/configuration.ts';
import { errorCode, readPlainFile } from '../system/files.ts';
import { configFolder } from '../system/folders.ts';
import { writeOwnedFile } from '../system/owned-file.ts';
import type { Environment } from '../system/surroundings.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';
import { type ConfigReading, readConfigText } from './config-text.ts';

/** Where the configuration is, and whether someone named it: then it has to be there. */
export interface ConfigPlace {
  readonly path: string;
  readonly named: boolean;
}

/** The configuration file: `--config`, else `OTOP_CONFIG`, else in the XDG place. */
export function configPlace(option: string | undefined, env: Environment, homeDir: string): ConfigPlace {
  const named = option ?? (env.OTOP_CONFIG || undefined);
  if (named !== undefined) return { path: resolve(named), named: true };
  return { path: join(configFolder(env, homeDir), 'config.jsonc'), named: false };
}

/** Reads the configuration; none at all where it need not be there. A file that cannot be read is one problem. */
export function readConfig({ path, named }: ConfigPlace): ConfigReading {
  let text: string;
  try {
    text = readPlainFile(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' && !named) return { values: {}, problems: [] };
    const reason = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    return { values: {}, problems: [{ line: 1, column: 1, text: sanitize(reason) }] };
  }
  return readConfigText(text.replace(/^\uFEFF/, ''));
}

const formattingOptions = { insertSpaces: true, tabSize: 2, eol: '\n' };
const emptyConfig = '{\n}\n';

/**
 * Writes some settings into the configuration file, which keeps its comments, its order and all else.
 * Returns why not, in words, where the file has mistakes (a program should not guess what was meant), or cannot be
 * written: then the old one is as it was.
 */
export function writeConfig(place: ConfigPlace, changes: SomeSettings): DisplayText | undefined {
  try {
    const old = oldText(place.path);
    const [mistake] = readConfigText(old).problems;
    if (mistake) return sanitize(`not saved: line ${mistake.line}: ${mistake.text} (${place.path})`);
    writeOwnedFile(place.path, withChanges(old, changes));
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOSPC' ? 'the disk is full' : (code ?? message);
    return sanitize(`not saved to ${place.path}: ${reason}; the old one is as it was`);
  }
}

function oldText(path: string): string {
  try {
    const text = readPlainFile(path);
    return text.trim() === '' ? emptyConfig : text;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return emptyConfig;
    throw error;
  }
}

/** A configuration's text with some settings changed; of the layout only the parts that changed. */
function withChanges(text: string, changes: SomeSettings): string {
  let changed = text;
  for (const [key, value] of Object.entries(changes)) {
    const edits =
      key === 'layout'
        ? Object.entries(value).map(([field, each]) => [[key, field], each] as const)
        : [[[key], value] as const];
    for (const [path, each] of edits)
      changed = applyEdits(changed, modify(changed, [...path], each, { formattingOptions }));
  }
  return changed;
}

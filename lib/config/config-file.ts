import { join, resolve } from 'node:path';
import { applyEdits, modify } from 'jsonc-parser';
import type { SomeSettings } from '../domain/schema/configuration.ts';
import { errorCode, readPlainFile } from '../system/files.ts';
import { configFolder } from '../system/folders.ts';
import { writeOwnedFile } from '../system/owned-file.ts';
import type { Environment } from '../system/surroundings.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';
import { type ConfigReading, readConfigText } from './config-text.ts';

/** The path of the configuration. A file that the user named must exist. */
export interface ConfigPlace {
  readonly path: string;
  readonly named: boolean;
}

/** Returns the place of the configuration: `--config`, else `OTOP_CONFIG`, else `config.jsonc` in the XDG folder. */
export function configPlace(option: string | undefined, env: Environment, homeDir: string): ConfigPlace {
  const named = option ?? (env.OTOP_CONFIG || undefined);
  if (named !== undefined) return { path: resolve(named), named: true };
  return { path: join(configFolder(env, homeDir), 'config.jsonc'), named: false };
}

/** Reads the configuration. A missing file is empty unless it is named. A file that cannot be read is one problem. */
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
 * Writes some settings into the configuration file and keeps everything else in it, comments and order included. Returns
 * the reason in words, and leaves the file unchanged, if it has mistakes (otop must not guess their meaning) or cannot be
 * written.
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
    return sanitize(`not saved to ${place.path}: ${reason}; the old file is unchanged`);
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

/** Returns the text with some settings changed. Each part of `layout` is changed by itself. */
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

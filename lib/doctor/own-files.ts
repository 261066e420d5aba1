import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shortPath } from '../sources/short-path.ts';
import { stateFolder } from '../sources/state-folder.ts';
import { type Finding, ok, type Patient, troublesOf, warning } from './finding.ts';

/** Where otop keeps what it writes: whether it can, and what crashes left there. */
export function checkOwnFiles({ env, homeDir }: Patient): readonly Finding[] {
  const folder = stateFolder(env, homeDir);
  const name = shortPath(folder, homeDir);
  const crashes = namesIn(folder).filter((each) => /^crash-.*\.txt$/.test(each));
  const newest = crashes.sort().at(-1);
  return [
    isWritable(folder)
      ? ok(`${name} can be written`)
      : warning(
          `${name} cannot be written`,
          'otop forgets what you looked at; make it yours or set XDG_STATE_HOME',
        ),
    ...(newest === undefined
      ? []
      : [warning(`otop crashed: ${join(name, newest)}`, 'put that file into a bug report, then remove it')]),
  ];
}

/** Troubles with opencode's own configuration, and with the models' prices and limits. */
export function checkConfiguration({ board }: Patient): readonly Finding[] {
  const troubles = troublesOf(board, 'warning', 'config', 'models');
  return troubles.length > 0 ? troubles : [ok('read without trouble')];
}

/** True where it, or the nearest folder above it that exists, can be written. */
function isWritable(folder: string): boolean {
  if (!existsSync(folder) && dirname(folder) !== folder) return isWritable(dirname(folder));
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    // Another person's, or a file system that is read-only.
    return false;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Nothing was ever kept.
    return [];
  }
}

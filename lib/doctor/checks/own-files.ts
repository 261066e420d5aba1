import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../config/config-file.ts';
import { isWritable, namesIn, shortPath } from '../../system/files.ts';
import { stateFolder } from '../../system/folders.ts';
import { type DoctorContext, type Finding, ok, troublesOf, warning } from '../finding.ts';

/** Checks whether otop's state folder is writable, and names the newest crash report in it. */
export function checkOwnFiles({ env, homeDir }: DoctorContext): readonly Finding[] {
  const folder = stateFolder(env, homeDir);
  const name = shortPath(folder, homeDir);
  const crashes = namesIn(folder).filter((each) => /^crash-.*\.txt$/.test(each));
  const newest = crashes.sort().at(-1);
  return [
    isWritable(folder)
      ? ok(`${name} can be written`)
      : warning(
          `${name} cannot be written`,
          'otop cannot remember which sessions you viewed; make the folder writable or set XDG_STATE_HOME',
        ),
    ...(newest === undefined
      ? []
      : [warning(`otop crashed: ${join(name, newest)}`, 'put that file into a bug report, then remove it')]),
  ];
}

/**
 * Lists each mistake in otop's configuration, and the troubles with opencode's configuration and with the prices of
 * models.
 */
export function checkConfiguration({ config, homeDir, board }: DoctorContext): readonly Finding[] {
  const name = shortPath(config.path, homeDir);
  const mistakes = readConfig(config).problems.map(({ line, column, text }) =>
    warning(`${name}:${line}:${column}: ${text}`, 'correct it; `otop config` prints the settings in force'),
  );
  const good = ok(
    existsSync(config.path) ? `${name} has no mistakes` : `no ${name}: the defaults are in force`,
  );
  return [...(mistakes.length > 0 ? mistakes : [good]), ...troublesOf(board, 'warning', 'config', 'models')];
}

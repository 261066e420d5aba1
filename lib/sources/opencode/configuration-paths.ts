import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Surroundings } from '../../system/surroundings.ts';

/**
 * Where opencode takes its config from for a directory, weakest first: the global files, OPENCODE_CONFIG, the
 * project's files from the repository's root down, `.opencode` folders, `~/.opencode`, OPENCODE_CONFIG_DIR
 * (opencode 1.x source, config.ts). Left out: what an organisation serves over the network, and OPENCODE_CONFIG_CONTENT.
 * otop's own environment stands for opencode's: another process's cannot be known for sure.
 */
export function configPaths({ env, homeDir }: Surroundings, directoryPath?: string): string[] {
  const global = join(env.XDG_CONFIG_HOME || join(homeDir, '.config'), 'opencode');
  const withProject = directoryPath !== undefined && !env.OPENCODE_DISABLE_PROJECT_CONFIG;
  const folders = withProject ? foldersUpwards(directoryPath) : [];
  const downwards = folders.toReversed();
  const paths = [
    ...['config.json', 'opencode.json', 'opencode.jsonc'].map((name) => join(global, name)),
    ...(env.OPENCODE_CONFIG ? [env.OPENCODE_CONFIG] : []),
    ...['opencode.jsonc', 'opencode.json'].flatMap((name) => downwards.map((folder) => join(folder, name))),
    ...[...folders, homeDir].flatMap((folder) => both(join(folder, '.opencode'))),
    ...(env.OPENCODE_CONFIG_DIR ? both(env.OPENCODE_CONFIG_DIR) : []),
  ];
  return [...new Set(paths)];
}

function both(folder: string): string[] {
  return [join(folder, 'opencode.jsonc'), join(folder, 'opencode.json')];
}

/** A directory and those above it, up to the root of its repository, or of the file system where it is in none. */
function foldersUpwards(directoryPath: string): string[] {
  const folders = [directoryPath];
  for (let folder = directoryPath; !existsSync(join(folder, '.git')); ) {
    const parent = dirname(folder);
    if (parent === folder) break;
    folders.push(parent);
    folder = parent;
  }
  return folders;
}

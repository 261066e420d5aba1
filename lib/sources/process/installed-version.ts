import { readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readPlainFile, realPath } from '../../system/files.ts';

/** Returns the path of the program that a process runs; undefined if it cannot be read, or without `/proc`. */
export function runningProgram(procRoot: string, pid: number): string | undefined {
  try {
    return readlinkSync(join(procRoot, String(pid), 'exe'));
  } catch {
    // The process has ended or belongs to another user, or there is no /proc.
    return undefined;
  }
}

/** The package.json is in one of this many folders above the program: `opencode-linux-x64/bin/opencode`. */
const maxLevelsUp = 3;

/**
 * Returns the version of opencode from the npm package of a program, or from a folder with the version as its name, like
 * Homebrew's; undefined if neither is there. Reads files only.
 */
export function versionOf(program: string): string | undefined {
  // If an update has replaced a running program, its link ends in ` (deleted)` and leads to no file.
  const path = realPath(program);
  let folder = dirname(path);
  for (let up = 0; up < maxLevelsUp; up += 1, folder = dirname(folder)) {
    const version = packageVersion(join(folder, 'package.json'));
    if (version !== undefined) return version;
  }
  return /\/(\d+\.\d+\.\d+)\//.exec(path)?.[1];
}

function packageVersion(path: string): string | undefined {
  try {
    const { name, version } = JSON.parse(readPlainFile(path)) as { name?: unknown; version?: unknown };
    const isOpencode = typeof name === 'string' && /^(@opencode|opencode)/.test(name);
    return isOpencode && typeof version === 'string' ? version : undefined;
  } catch {
    // There is no package.json here, or it is invalid.
    return undefined;
  }
}

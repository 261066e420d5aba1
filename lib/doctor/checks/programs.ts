import { accessSync, constants, readlinkSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import manifest from '../../../package.json' with { type: 'json' };
import { readPlainFile, realPath, shortPath } from '../../system/files.ts';
import { type DoctorContext, type Finding, ok, problem, warning } from '../finding.ts';

/** `20.19` */
const neededNode = manifest.engines.node.replace('>=', '');

/** Whether this Node.js is new enough, as package.json has it. */
export function checkNode({ nodeVersion, platform }: DoctorContext): readonly Finding[] {
  const [major = 0, minor = 0] = nodeVersion.replace(/^v/, '').split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = neededNode.split('.').map(Number);
  const isNew = major > neededMajor || (major === neededMajor && minor >= neededMinor);
  const text = `Node.js ${nodeVersion} on ${platform}`;
  return [isNew ? ok(text) : problem(text, `install ${neededNode} or newer`)];
}

/** The opencode on the PATH and those that run: told by the files beside the program, which is never run itself. */
export function checkOpencode(context: DoctorContext): readonly Finding[] {
  const installed = findOnPath('opencode', context.env);
  const path =
    installed === undefined
      ? warning('no opencode on the PATH', 'put it there, so that a session can be resumed or forked')
      : ok(`${shortPath(installed, context.homeDir)}: ${versionOf(installed) ?? 'version unknown'}`);
  return [path, ok(runningText(context))];
}

function runningText({ processes, procRoot }: DoctorContext): string {
  if (processes.length === 0) return 'none is running';
  const counts = new Map<string, number>();
  for (const { pid } of processes) {
    const version = runningVersion(pid, procRoot) ?? 'of unknown version';
    counts.set(version, (counts.get(version) ?? 0) + 1);
  }
  return `running: ${[...counts].map(([version, count]) => `${count} ${version}`).join(', ')}`;
}

function runningVersion(pid: number, procRoot: string): string | undefined {
  try {
    return versionOf(readlinkSync(join(procRoot, String(pid), 'exe')));
  } catch {
    // Another person's process, or no /proc.
    return undefined;
  }
}

/** The absolute path of a program that a shell would find; relative folders in PATH are left out. */
export function findOnPath(name: string, env: DoctorContext['env']): string | undefined {
  const folders = (env.PATH ?? '').split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not to be run: a shell looks on, too.
    return false;
  }
}

/** How far above a program its package.json may lie: `opencode-linux-x64/bin/opencode`. */
const furthestUp = 3;

/** From the npm package around a program, or from a folder that is named after the version, as Homebrew's are. */
function versionOf(program: string): string | undefined {
  // One that an update replaced while it runs is `… (deleted)`.
  const path = realPath(program);
  let folder = dirname(path);
  for (let up = 0; up < furthestUp; up += 1, folder = dirname(folder)) {
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
    // None here, or not one of npm's.
    return undefined;
  }
}

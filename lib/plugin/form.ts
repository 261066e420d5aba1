import { basename } from 'node:path';
import { runningProgram, versionOf } from '../sources/process/installed-version.ts';
import { findOnPath } from '../system/files.ts';
import type { Run } from '../system/run-program.ts';
import type { Surroundings } from '../system/surroundings.ts';

/**
 * What the installed file exports: an object for opencode 1 and 2, or a function for an opencode 1 that takes nothing else
 * (opencode.md, "Loading a plugin"; opencode-2.md, "Plugins of the server").
 */
export type PluginForm = 'object' | 'function';

/** The oldest opencode that was seen to take the object. 1.3.2 does not, and npm has no version between them. */
export const oldestWithObject = '1.14.34';
/** opencode 2 shows an error for the function. */
const oldestWithoutFunction = '2.0.0';
/** `opencode --version` takes half a second on an idle machine. */
const versionLimitMs = 10_000;

/** A program of opencode on this machine. */
export interface FoundProgram {
  /** The name of its file, for example `opencode`. */
  readonly name: string;
  /** Absent if no file says it. */
  readonly version?: string;
  /** Absent for a program on the PATH. */
  readonly pid?: number;
}

/** Returns the programs that the processes run. Reads files only. */
export function runningPrograms(procRoot: string, pids: readonly number[]): readonly FoundProgram[] {
  return pids.flatMap((pid) => {
    const path = runningProgram(procRoot, pid);
    return path === undefined ? [] : [{ ...programAt(path), pid }];
  });
}

/** The commands that start opencode (opencode-2.md, "Packages and names"). */
const commands = ['opencode', 'opencode2'];

/**
 * Returns the opencodes on the PATH. If no file says the version of one, runs its `--version` once, within a time limit:
 * call it only if the user wants a change.
 */
export async function programsOnPath(env: Surroundings['env'], run: Run): Promise<readonly FoundProgram[]> {
  const paths = commands.flatMap((name) => findOnPath(name, env) ?? []);
  return Promise.all(paths.map((path) => askedProgram(path, run)));
}

async function askedProgram(path: string, run: Run): Promise<FoundProgram> {
  const found = programAt(path);
  if (found.version !== undefined) return found;
  const result = await run(path, ['--version'], { timeoutMs: versionLimitMs });
  const version = result.kind === 'ended' ? /\d+\.\d+\.\d+/.exec(result.stdout)?.[0] : undefined;
  return version === undefined ? found : { ...found, version };
}

function programAt(path: string): FoundProgram {
  const version = versionOf(path);
  return { name: basename(path), ...(version !== undefined && { version }) };
}

/** Returns the form for these programs: the function only if none of them can take the object. */
export function formFor(programs: readonly FoundProgram[]): PluginForm {
  const versions = programs.flatMap(({ version }) => version ?? []);
  const isOld = versions.length > 0 && versions.every((version) => isOlder(version, oldestWithObject));
  return isOld ? 'function' : 'object';
}

/** Why a form does not work in a program, and what to do. */
export interface Misfit {
  readonly reason: string;
  readonly advice: string;
}

/** Returns why this form does not work in this program; undefined if it does, or if its version is unknown. */
export function misfitOf(form: PluginForm, { name, version }: FoundProgram): Misfit | undefined {
  if (name.startsWith('lildax'))
    return { reason: 'the preview of opencode 2 tells plugins nothing', advice: 'update opencode' };
  if (version === undefined) return undefined;
  const reason = `opencode ${version} cannot load this form of the plugin`;
  if (form === 'object' && isOlder(version, oldestWithObject))
    return { reason, advice: `update opencode to ${oldestWithObject} or newer` };
  if (form === 'function' && !isOlder(version, oldestWithoutFunction))
    return { reason, advice: 'run `otop plugin install`, then restart opencode' };
  return undefined;
}

/** True for an older version. Development builds are called `0.0.0-BRANCH-TIME`, which says nothing about their age. */
function isOlder(version: string, other: string): boolean {
  if (version.startsWith('0.0.0')) return false;
  const [one, two] = [version, other].map((each) => each.split('.').map((part) => Number.parseInt(part, 10)));
  const at = one?.findIndex((part, index) => part !== two?.[index]) ?? -1;
  return at >= 0 && (one?.[at] ?? 0) < (two?.[at] ?? 0);
}

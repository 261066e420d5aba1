import { basename } from 'node:path';
import manifest from '../../../package.json' with { type: 'json' };
import type { OpencodeProcess } from '../../domain/process/process.ts';
import { isPrivateServer, isService, viewersIn } from '../../domain/process/viewers.ts';
import { runningProgram, versionOf } from '../../sources/process/installed-version.ts';
import { findOnPath, shortPath } from '../../system/files.ts';
import { type DoctorContext, type Finding, ok, problem, warning } from '../finding.ts';

/** The oldest supported version, for example `20.19`. */
const neededNode = manifest.engines.node.replace('>=', '');

/** Checks whether this Node.js is new enough according to package.json. */
export function checkNode({ nodeVersion, platform }: DoctorContext): readonly Finding[] {
  const [major = 0, minor = 0] = nodeVersion.replace(/^v/, '').split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = neededNode.split('.').map(Number);
  const isNew = major > neededMajor || (major === neededMajor && minor >= neededMinor);
  const text = `Node.js ${nodeVersion} on ${platform}`;
  return [isNew ? ok(text) : problem(text, `install ${neededNode} or newer`)];
}

/**
 * Reports the versions of the opencode on the PATH and of the running ones. Reads files near the program and never runs
 * it.
 */
export function checkOpencode(context: DoctorContext): readonly Finding[] {
  const installed = findOnPath('opencode', context.env);
  const path =
    installed === undefined
      ? warning(
          'no opencode on the PATH',
          'add opencode to the PATH: otop needs it to resume or fork a session',
        )
      : ok(`${shortPath(installed, context.homeDir)}: ${versionOf(installed) ?? 'version unknown'}`);
  return [path, ok(runningText(context))];
}

function runningText(context: DoctorContext): string {
  const { processes } = context;
  if (processes.length === 0) return 'none is running';
  const viewers = viewersIn(processes);
  const counts = new Map<string, number>();
  for (const process of processes) {
    const text = viewers.has(process) ? viewer : roleText(process, runningVersion(process, context));
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const parts = [...counts].map(
    ([text, count]) => `${count} ${text}${text === viewer && count > 1 ? 's' : ''}`,
  );
  return `running: ${parts.join(', ')}`;
}

const viewer = 'viewer';

function roleText(process: OpencodeProcess, version: string): string {
  if (isService(process)) return `opencode ${version} service (${process.pid})`;
  return isPrivateServer(process) ? `opencode ${version} private server (${process.pid})` : version;
}

/**
 * The version of a running opencode: that of its server's answer or note, else that of its program; `of unknown version` if
 * neither says it.
 */
export function runningVersion(
  { pid }: Pick<OpencodeProcess, 'pid'>,
  { links, procRoot }: DoctorContext,
): string {
  return links?.get(pid)?.version ?? programVersion(pid, procRoot) ?? 'of unknown version';
}

function programVersion(pid: number, procRoot: string): string | undefined {
  const program = runningProgram(procRoot, pid);
  const version = program && versionOf(program);
  // The preview has the version of the opencode 1 that it came with (opencode-2.md, "Builds").
  return version !== undefined && basename(program ?? '') === 'lildax' ? `2 preview (${version})` : version;
}

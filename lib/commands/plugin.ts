import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };
import type { Marked } from '../domain/evidence/rules/marker.ts';
import type { OpencodeProcess } from '../domain/process/process.ts';
import { isService, viewersIn } from '../domain/process/viewers.ts';
import { machineProcesses } from '../monitor/machine-processes.ts';
import {
  type FoundProgram,
  formFor,
  type Misfit,
  misfitOf,
  oldestWithObject,
  type PluginForm,
  programsOnPath,
  runningPrograms,
} from '../plugin/form.ts';
import {
  type Installation,
  inspectPlugin,
  installedText,
  pluginPath,
  removeMarkers,
  removePlugin,
  writePlugin,
} from '../plugin/installation.ts';
import { MarkerSource } from '../sources/marker/marker-source.ts';
import { markersFolder, troubleFile } from '../sources/marker/places.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { readPlainFile } from '../system/files.ts';
import { duration } from '../text/format.ts';
import { sanitize } from '../text/sanitize.ts';

/** Next to `lib/commands` in the sources, next to `dist/chunks` in the package; the build copies it unchanged. */
const sourcePath = fileURLToPath(new URL('../plugin/otop.js', import.meta.url));

/**
 * `otop plugin install|uninstall|status`: manages otop's plugin in opencode's config folder. Exit code 1 on failure.
 */
export async function runPlugin(action: string, context: Context): Promise<number> {
  const path = pluginPath(context);
  try {
    const found = inspectPlugin(path);
    if (action === 'status') return await printStatus(path, found, context);
    if (found.kind === 'foreign') {
      context.stderr.write(`otop: ${sanitize(path)} is ${found.what}: move it away first\n`);
      return exitCodes.no;
    }
    return action === 'install' ? await install(path, found, context) : uninstall(path, found, context);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    context.stderr.write(`otop: the plugin could not be changed: ${sanitize(error.message)}\n`);
    return exitCodes.no;
  }
}

async function install(path: string, found: Installation, context: Context): Promise<number> {
  const { stdout, env, machine } = context;
  const source = readFileSync(sourcePath, 'utf8');
  const programs = [...(await programsOnPath(env, machine.run)), ...(await runningNow(context))];
  const form = formFor(programs);
  if (isCurrent(found, source) && found.form === form) {
    stdout.write(`The plugin is up to date: ${sanitize(path)}\n`);
  } else {
    writePlugin(path, { source, version: manifest.version, form }, found);
    stdout.write(`${found.kind === 'ours' ? 'Updated' : 'Installed'} ${sanitize(path)}\n`);
    stdout.write('opencode loads it when it starts: restart the sessions that run now.\n');
  }
  for (const line of fitLines(form, programs)) stdout.write(`${sanitize(line)}\n`);
  return exitCodes.ok;
}

async function runningNow(context: Context): Promise<readonly FoundProgram[]> {
  const processes = machineProcesses(context);
  try {
    const reading = await processes.sample('full', context.clock.nowMs());
    return runningPrograms(
      context.machine.procRoot,
      reading.processes.map(({ pid }) => pid),
    );
  } finally {
    processes.close();
  }
}

/** Which opencodes the form was chosen for, if that is not plain, and which of them it does not fit. */
function fitLines(form: PluginForm, programs: readonly FoundProgram[]): readonly string[] {
  const reasons = programs.flatMap((program) => {
    const misfit = misfitOf(form, program);
    const name = program.pid === undefined ? `${program.name} on the PATH` : `pid ${program.pid}`;
    return misfit === undefined ? [] : [`${name}: ${misfit.reason}: ${misfit.advice}`];
  });
  if (form === 'function')
    return [
      `It is for an opencode before ${oldestWithObject}: run this again after you update opencode.`,
      ...reasons,
    ];
  if (programs.every(({ version }) => version === undefined))
    return [
      `No version of opencode was found: this plugin is for ${oldestWithObject} and newer, and for 2.`,
      ...reasons,
    ];
  return reasons;
}

function uninstall(path: string, found: Installation, context: Context): number {
  const { stdout, stderr } = context;
  if (found.kind === 'ours') removePlugin(path, found);
  const folder = markersFolder(context);
  if (!removeMarkers(folder)) {
    stderr.write(
      `otop: ${sanitize(folder)} was not removed: it holds files that do not belong to the plugin\n`,
    );
  }
  stdout.write(found.kind === 'ours' ? `Removed ${sanitize(path)}\n` : 'The plugin is not installed.\n');
  return exitCodes.ok;
}

function isCurrent(found: Installation, source: string): found is Extract<Installation, { kind: 'ours' }> {
  if (found.kind !== 'ours') return false;
  const { form, topFolder } = found;
  return found.text === installedText({ source, version: manifest.version, form, topFolder });
}

async function printStatus(path: string, found: Installation, context: Context): Promise<number> {
  const { stdout, clock, machine } = context;
  const current = isCurrent(found, readFileSync(sourcePath, 'utf8'));
  stdout.write(`${installationLine(found, current)}: ${sanitize(path)}\n`);
  const processes = machineProcesses(context);
  const folder = markersFolder(context);
  const markers = new MarkerSource({
    folder,
    procRoot: machine.procRoot,
    host: hostname(),
    monotonicMs: clock.monotonicMs,
  });
  try {
    const reading = await processes.sample('full', clock.nowMs());
    const { troubles } = markers.refresh(reading.processes, clock.nowMs());
    const marked = new Map(markers.marked.map((one) => [one.process.pid, one]));
    const viewers = viewersIn(reading.processes);
    const loading = reading.processes.filter((process) => !viewers.has(process));
    for (const process of loading) {
      const programs = runningPrograms(machine.procRoot, [process.pid]);
      const [misfit] = found.kind === 'ours' ? programs.map((one) => misfitOf(found.form, one)) : [];
      const line = processLine({ process, misfit, marked: marked.get(process.pid) }, clock.nowMs());
      stdout.write(`${line}\n`);
    }
    for (const { text } of troubles) stdout.write(`${text}\n`);
  } finally {
    processes.close();
    markers.close();
  }
  const trouble = lastTrouble(join(folder, troubleFile));
  if (trouble !== undefined) stdout.write(`its last trouble: ${sanitize(trouble)}\n`);
  return current ? exitCodes.ok : exitCodes.no;
}

function installationLine(found: Installation, current: boolean): string {
  if (found.kind === 'absent') return 'not installed; `otop plugin install` writes';
  if (found.kind === 'foreign') return `not installed; in its place is ${found.what}`;
  return current
    ? `installed, of otop ${manifest.version}`
    : `outdated, of otop ${sanitize(found.version)}; run \`otop plugin install\``;
}

/** A process that may load the plugin. */
interface Loading {
  readonly process: OpencodeProcess;
  readonly marked: Marked | undefined;
  readonly misfit: Misfit | undefined;
}

function processLine({ process, marked, misfit }: Loading, nowMs: number): string {
  const name = `pid ${process.pid}  ${process.kind}  ${process.cwdText ?? 'directory unknown'}`;
  if (marked === undefined) {
    if (misfit !== undefined) return `${name}  not loaded; ${sanitize(misfit.reason)}: ${misfit.advice}`;
    const start = isService(process) ? 'the first use of a directory, or a restart,' : 'a restart';
    return `${name}  not loaded; ${start} loads the plugin`;
  }
  const { loadedAtMs, sessions } = marked.marker;
  return `${name}  loaded ${duration(nowMs - loadedAtMs)} ago, sessions seen: ${sessions.length}`;
}

function lastTrouble(path: string): string | undefined {
  try {
    return readPlainFile(path).trimEnd().split('\n').at(-1);
  } catch {
    return undefined;
  }
}

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };
import type { Marked } from '../domain/evidence/rules/marker.ts';
import type { OpencodeProcess } from '../domain/process/process.ts';
import { machineProcesses } from '../monitor/machine-processes.ts';
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
    return action === 'install' ? install(path, found, context) : uninstall(path, found, context);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    context.stderr.write(`otop: the plugin could not be changed: ${sanitize(error.message)}\n`);
    return exitCodes.no;
  }
}

function install(path: string, found: Installation, { stdout }: Context): number {
  const source = readFileSync(sourcePath, 'utf8');
  if (isCurrent(found, source)) {
    stdout.write(`The plugin is up to date: ${sanitize(path)}\n`);
    return exitCodes.ok;
  }
  writePlugin(path, source, manifest.version, found);
  stdout.write(`${found.kind === 'ours' ? 'Updated' : 'Installed'} ${sanitize(path)}\n`);
  stdout.write('opencode loads it when it starts: restart the sessions that run now.\n');
  return exitCodes.ok;
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

function isCurrent(found: Installation, source: string): boolean {
  return found.kind === 'ours' && found.text === installedText(source, manifest.version, found.topFolder);
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
    const loading = reading.processes.filter(({ kind }) => kind !== 'attach');
    for (const process of loading) {
      stdout.write(`${processLine(process, marked.get(process.pid), clock.nowMs())}\n`);
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

function processLine(process: OpencodeProcess, marked: Marked | undefined, nowMs: number): string {
  const name = `pid ${process.pid}  ${process.kind}  ${process.cwdText ?? 'directory unknown'}`;
  if (marked === undefined) return `${name}  not loaded; restart it to have it load the plugin`;
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

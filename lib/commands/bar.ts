import { resolve } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { type Bar, bars } from '../bar/bars.ts';
import { applyChange, type Change, type Look, type Wanted } from '../bar/change.ts';
import { findTerminal, presentProgram, unfitReason, versionNote } from '../bar/program.ts';
import { forgetService, lookAtService, startService, stopService } from '../bar/service.ts';
import { Talk } from '../bar/talk.ts';
import { type BarName, barNames, type Options } from '../config/options.ts';
import { type Announcement, announcementPath, readAnnouncement } from '../serve/announcement.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { isAlive } from '../system/exit.ts';
import { shortPath } from '../system/files.ts';

/**
 * `otop bar install|uninstall|check`: writes otop into a status bar's configuration, takes it out again, or tells what is
 * there. Shows first what it will write, and asks. Exit code 1 if a person said no, if it cannot, or if `check` found
 * something to do; 2 if the command line is wrong, or if there is nobody to ask.
 */
export async function runBar(
  action: string,
  name: string | undefined,
  options: Options,
  context: Context,
): Promise<number> {
  const talk = new Talk(options.yes === true, context);
  try {
    const named = name as BarName | undefined;
    const wrong = wrongUse(action, named, options, context);
    if (wrong !== undefined) return talk.refuse(wrong, exitCodes.usage);
    const program = presentProgram(context);
    const unfit = action === 'install' ? unfitReason(program) : undefined;
    if (unfit !== undefined) return talk.refuse(unfit);
    const wanted = (bar: BarName): Wanted => wantedBy(bar, bar === named ? options : {}, program, context);
    if (action === 'check' || named === undefined) {
      const all = barNames.filter((each) => isHere(each, context));
      return await check(named ? [named] : all, wanted, talk, context);
    }
    return action === 'install'
      ? await install(named, wanted(named), options, talk, context)
      : await uninstall(named, wanted, options, talk, context);
  } finally {
    talk.close();
  }
}

function wrongUse(
  action: string,
  name: BarName | undefined,
  { file, folder }: Options,
  { machine }: Context,
): string | undefined {
  if (name === undefined) {
    if (action !== 'check') return `which bar? \`otop bar ${action}\` takes one of ${barNames.join(', ')}`;
    return file !== undefined || folder !== undefined
      ? '--file and --folder need the name of a bar'
      : undefined;
  }
  const { only, place } = bars[name];
  if (only !== undefined && machine.platform !== only.platform) return `${name} is only on ${only.system}`;
  if (place === 'file' && folder !== undefined) return `${name} has no plugin folder: use --file`;
  if (place === 'folder' && file !== undefined) return `${name} has no configuration file: use --folder`;
  return undefined;
}

function isHere(name: BarName, { machine }: Context): boolean {
  const { only } = bars[name];
  return only === undefined || only.platform === machine.platform;
}

function wantedBy(
  name: BarName,
  { file, folder }: Pick<Options, 'file' | 'folder'>,
  program: Wanted['program'],
  { env }: Context,
): Wanted {
  const terminal = name === 'waybar' ? findTerminal(env) : undefined;
  return {
    program: { ...program, ...(terminal !== undefined && { terminal }) },
    version: manifest.version,
    ...(file !== undefined && { file: resolve(file) }),
    ...(folder !== undefined && { folder: resolve(folder) }),
  };
}

async function install(
  name: BarName,
  wanted: Wanted,
  options: Options,
  talk: Talk,
  context: Context,
): Promise<number> {
  const { homeDir } = context;
  const bar = bars[name];
  const look = await bar.look(wanted, context);
  if (look.kind === 'refused') return talk.refuse(look.why);
  const change = look.kind === 'absent' ? look.install : look.update;
  const blocked = change && forceNeeded(look, options);
  if (blocked) return talk.refuse(blocked);
  const service = await serviceToInstall(wanted, options, talk, context);
  if (typeof service === 'string') return talk.refuse(service);
  if (change === undefined) talk.say(`${name} is up to date: ${shortPath(look.path, homeDir)}`);
  const changes = [change, service].filter((each) => each !== undefined);
  if (changes.length > 0) {
    const agreed = await talk.agreeTo(changes);
    if (agreed !== exitCodes.ok) return agreed;
    const failed = applyAll(changes, talk, homeDir);
    if (failed !== undefined) return talk.refuse(failed);
  }
  const note = change && versionNote(wanted.program);
  if (note !== undefined) talk.say(note);
  if (service !== undefined) {
    const trouble = await startService(service.path, context);
    talk.say(trouble ?? 'otop serve runs now, and from each login on.');
  }
  if (change !== undefined) await bar.afterInstall(look.path, talk, context);
  else await sayHint(bar, look.path, talk, context);
  return exitCodes.ok;
}

async function sayHint(bar: Bar, path: string, talk: Talk, context: Context): Promise<void> {
  const hint = await bar.hint?.(path, context);
  if (hint !== undefined) talk.say(hint);
}

/** The change for the service if it is wanted, or is installed and out of date; or the reason in words why it cannot be. */
async function serviceToInstall(
  wanted: Wanted,
  options: Options,
  talk: Talk,
  context: Context,
): Promise<Change | string | undefined> {
  if (options.serve === false) return undefined;
  const look = lookAtService(wanted, context);
  if (look === undefined)
    return options.serve ? 'otop knows no manager of services on this system' : undefined;
  if (look.kind === 'refused') return options.serve ? look.why : undefined;
  if (look.kind === 'installed') {
    const blocked = look.update && forceNeeded(look, options);
    if (blocked) return options.serve ? blocked : undefined;
    if (look.update === undefined && options.serve) talk.say(`The service is up to date: ${look.path}`);
    return look.update;
  }
  const running = runningServe(context);
  if (running !== undefined) {
    if (options.serve) talk.say(`otop serve runs already (pid ${running.pid}): no service is needed.`);
    return undefined;
  }
  const question = 'Keep `otop serve` running as a service of yours, so that the bar costs less?';
  const isWanted = options.serve ?? (talk.isInteractive() && (await talk.asks(question)));
  return isWanted ? look.install : undefined;
}

async function uninstall(
  name: BarName,
  wanted: (bar: BarName) => Wanted,
  options: Options,
  talk: Talk,
  context: Context,
): Promise<number> {
  const { homeDir } = context;
  const bar = bars[name];
  const look = await bar.look(wanted(name), context);
  if (look.kind === 'refused') return talk.refuse(look.why);
  const isInstalled = look.kind === 'installed';
  const blocked = isInstalled && forceNeeded(look, options);
  if (blocked) return talk.refuse(blocked);
  if (!isInstalled) talk.say(`${name} is not installed: ${shortPath(look.path, homeDir)}`);
  const service = await serviceToRemove(name, wanted, options, talk, context);
  if (typeof service === 'string') return talk.refuse(service);
  const changes = [isInstalled ? look.remove : undefined, service].filter((each) => each !== undefined);
  if (changes.length === 0) return exitCodes.ok;
  const agreed = await talk.agreeTo(changes);
  if (agreed !== exitCodes.ok) return agreed;
  if (service !== undefined) {
    const trouble = await stopService(service.path, context);
    if (trouble !== undefined) talk.say(trouble);
  }
  const failed = applyAll(changes, talk, homeDir);
  if (service !== undefined) await forgetService(context);
  if (failed !== undefined) return talk.refuse(failed);
  if (isInstalled) await bar.afterUninstall(look.path, talk, context);
  return exitCodes.ok;
}

/** The service goes with the last bar, unless it is told to stay; or the reason in words why it cannot. */
async function serviceToRemove(
  name: BarName,
  wanted: (bar: BarName) => Wanted,
  options: Options,
  talk: Talk,
  context: Context,
): Promise<Change | string | undefined> {
  const look = lookAtService(wanted(name), context);
  if (look?.kind !== 'installed' || options.serve === false) return undefined;
  if (options.serve === undefined) {
    for (const other of barNames.filter((each) => each !== name && isHere(each, context))) {
      if ((await bars[other].look(wanted(other), context)).kind !== 'installed') continue;
      talk.say(`The service of otop serve stays for ${other}; --serve removes it, too.`);
      return undefined;
    }
  }
  const blocked = forceNeeded(look, options);
  if (blocked === undefined || options.serve) return blocked ?? look.remove;
  talk.say(`The service of otop serve stays: ${blocked}`);
  return undefined;
}

function forceNeeded(look: Exclude<Look, { kind: 'refused' }>, { force }: Options): string | undefined {
  return look.needsForce === undefined || force ? undefined : `${look.needsForce}; or use --force`;
}

/** Applies changes until one fails. Returns the reason in words if one does. */
function applyAll(changes: readonly Change[], talk: Talk, homeDir: string): string | undefined {
  for (const change of changes) {
    const failed = applyChange(change);
    if (failed !== undefined) return failed;
    const done = change.steps.at(-1) === undefined ? 'Removed' : 'Wrote';
    talk.say(`${done} ${shortPath(change.path, homeDir)}`);
  }
  return undefined;
}

async function check(
  names: readonly BarName[],
  wanted: (bar: BarName) => Wanted,
  talk: Talk,
  context: Context,
): Promise<number> {
  const looks = await Promise.all(
    names.map(async (name) => ({ name, look: await bars[name].look(wanted(name), context) })),
  );
  let isGood = looks.some(({ look }) => look.kind === 'installed');
  for (const { name, look } of looks) {
    if (faultsOf(look, name).length > 0) isGood = false;
    talk.say(`${name}: ${lookLine(look, name, context.homeDir)}`);
    if (look.kind === 'installed') await sayHint(bars[name], look.path, talk, context);
  }
  const service = lookAtService(wanted(names[0] ?? 'tmux'), context);
  const { line, isBroken } = serveLine(service, context);
  talk.say(`serve: ${line}`);
  return isGood && !isBroken ? exitCodes.ok : exitCodes.no;
}

/** What is wrong with an installed bar or service, and how to mend it. */
function faultsOf(look: Look, name: string): string[] {
  if (look.kind === 'refused') return look.isMissing ? [] : [look.why];
  if (look.kind === 'absent') return [];
  const mend = look.update === undefined ? '' : `; \`otop bar install ${name}\` mends it`;
  const isStale = !look.isCurrent && look.needsForce === undefined;
  return [
    ...(look.needsForce === undefined
      ? []
      : [`changed by hand; \`otop bar install ${name} --force\` writes it anew`]),
    ...(isStale ? [`outdated${mend}`] : []),
    ...(look.troubles.length > 0 ? [`broken: ${look.troubles.join('; ')}${mend}`] : []),
  ];
}

function lookLine(look: Look, name: string, homeDir: string): string {
  if (look.kind === 'refused') return look.isMissing ? `not installed: ${look.why}` : look.why;
  const path = shortPath(look.path, homeDir);
  if (look.kind === 'absent') {
    return `not installed; \`otop bar install ${name}\` writes ${path}${look.needsForce === undefined ? '' : ` (${look.needsForce})`}`;
  }
  const faults = faultsOf(look, name);
  return `installed, ${faults.length === 0 ? 'up to date' : faults.join(', ')}: ${path}`;
}

function serveLine(
  service: Look | undefined,
  context: Context,
): { readonly line: string; readonly isBroken: boolean } {
  const running = runningServe(context);
  const runs = running && `runs, pid ${running.pid}, port ${running.port}`;
  if (service?.kind !== 'installed') {
    const slower =
      'does not run: each status line reads the sessions itself, which costs more; `--serve` keeps one running';
    return { line: runs ?? slower, isBroken: false };
  }
  const faults = faultsOf(service, '<bar> --serve');
  const parts = [runs ?? 'does not run, although its service is installed', ...faults];
  return {
    line: `${parts.join(', ')}: ${shortPath(service.path, context.homeDir)}`,
    isBroken: running === undefined || faults.length > 0,
  };
}

/** Returns the announced serve if its process lives. */
function runningServe({ env, homeDir }: Context): Announcement | undefined {
  const announced = readAnnouncement(announcementPath(env, homeDir));
  return announced !== undefined && isAlive(announced.pid) ? announced : undefined;
}

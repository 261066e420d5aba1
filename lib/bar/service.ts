import { lstatSync, readlinkSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Context } from '../system/context.ts';
import { xdgFolder } from '../system/folders.ts';
import { removeIfEmpty } from '../system/owned-file.ts';
import type { Surroundings } from '../system/surroundings.ts';
import { firstMissingFolder, type Look, readText, type Wanted } from './change.ts';
import { type NewFacts, readWholeFile, wholeFileText } from './marks.ts';
import { missingParts } from './program.ts';
import { systemdValue, systemdWord, xmlText } from './quoting.ts';

const unitName = 'otop.service';
const agentName = 'dev.otop.serve';

/**
 * What the service's shell runs: `$0` is Node's folder, `$1` is otop. otop starts by its own first lines, which give Node
 * the flags of a program that stays, and find this Node first.
 */
const startScript = 'PATH="$0:$PATH" exec /bin/sh "$1" serve';
const onPath = 'exec otop serve';

/**
 * A unit for the user's own systemd. A login shell has the user's PATH, which forked sessions need; for their sake the unit
 * is not confined either, since they do what the user's own sessions do. Without a program it is the one for the PATH, to
 * be copied by hand.
 */
export function systemdUnit(program: Wanted['program'] | undefined): string[] {
  const start = program
    ? [
        `'${startScript.replaceAll('$', '$$$$')}'`,
        systemdWord(dirname(program.node)),
        systemdWord(program.script),
      ]
    : [`'${onPath}'`];
  const variables = Object.entries(program?.env ?? {}).map(([name, value]) => `${name}=${value}`);
  return [
    ...(program
      ? ['# Written by `otop bar install BAR --serve`; `otop bar uninstall BAR` removes it.']
      : [
          '# systemd, for your own user; or: otop bar install tmux --serve',
          '#   cp otop.service ~/.config/systemd/user/ && systemctl --user enable --now otop',
        ]),
    '[Unit]',
    'Description=otop serve: every opencode session over HTTP',
    '',
    '[Service]',
    '# A login shell has your own PATH, with otop, node, and opencode for forks.',
    `ExecStart=/bin/sh -lc ${start.join(' ')}`,
    ...variables.map((variable) => `Environment=${systemdValue(variable)}`),
    'Restart=on-failure',
    '# Forked sessions keep running when systemd restarts otop.',
    'KillMode=process',
    '',
    '[Install]',
    'WantedBy=default.target',
  ];
}

/**
 * An agent for the user's own launchd (macos.md, "Start by launchd and SwiftBar"). Without a program it is the one for the
 * PATH, to be copied by hand.
 */
export function launchdAgent(program: Wanted['program'] | undefined, logPath: string): string[] {
  const words = [
    '/bin/zsh',
    '-lic',
    ...(program ? [startScript, dirname(program.node), program.script] : [onPath]),
  ];
  const variables = {
    PATH: '/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
    LANG: 'en_US.UTF-8',
    ...program?.env,
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    ...(program
      ? ['<!-- Written by `otop bar install`, if a service is wanted; `otop bar uninstall` removes it. -->']
      : [
          '<!-- launchd, for your own user; or: otop bar install swiftbar, which asks for it',
          '     cp dev.otop.serve.plist ~/Library/LaunchAgents/',
          '     launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/dev.otop.serve.plist -->',
        ]),
    '<plist version="1.0">',
    '<dict>',
    '  <key>Label</key>',
    `  <string>${agentName}</string>`,
    '  <key>ProgramArguments</key>',
    '  <array>',
    ...words.map((word) => `    <string>${xmlText(word)}</string>`),
    '  </array>',
    '  <key>EnvironmentVariables</key>',
    '  <dict>',
    ...Object.entries(variables).flatMap(([name, value]) => [
      `    <key>${name}</key>`,
      `    <string>${xmlText(value ?? '')}</string>`,
    ]),
    '  </dict>',
    '  <key>RunAtLoad</key>',
    '  <true/>',
    '  <key>KeepAlive</key>',
    '  <dict>',
    '    <key>SuccessfulExit</key>',
    '    <false/>',
    '  </dict>',
    '  <key>ThrottleInterval</key>',
    '  <integer>60</integer>',
    '  <key>StandardErrorPath</key>',
    `  <string>${xmlText(logPath)}</string>`,
    '  <key>AbandonProcessGroup</key>',
    '  <true/>',
    '</dict>',
    '</plist>',
  ];
}

/** The manager of the user's services on one platform. */
interface Manager {
  path(surroundings: Surroundings): string;
  text(facts: NewFacts, surroundings: Surroundings): string;
  /** Commands that start the service, also if an older one runs; a failure of the first says that no manager answers. */
  start(path: string): readonly (readonly string[])[];
  stop(path: string): readonly (readonly string[])[];
  /** After the file is gone. */
  forget?: readonly string[];
}

const userctl = (...words: readonly string[]) => ['systemctl', '--user', ...words];
const gui = () => `gui/${process.getuid?.() ?? 0}`;

const managers: Partial<Readonly<Record<NodeJS.Platform, Manager>>> = {
  linux: {
    path: (surroundings) => join(xdgFolder('config', surroundings), 'systemd/user', unitName),
    text: (facts) => wholeFileText(systemdUnit(facts), 0, '#', facts),
    start: () => [userctl('daemon-reload'), userctl('enable', unitName), userctl('restart', unitName)],
    stop: () => [userctl('disable', '--now', unitName)],
    forget: userctl('daemon-reload'),
  },
  darwin: {
    path: ({ homeDir }) => join(homeDir, 'Library/LaunchAgents', `${agentName}.plist`),
    text: (facts, { homeDir }) =>
      wholeFileText(launchdAgent(facts, join(homeDir, 'Library/Logs/otop-serve.log')), 2, '<!--', facts),
    start: (path) => [['launchctl', 'bootstrap', gui(), path]],
    stop: () => [['launchctl', 'bootout', `${gui()}/${agentName}`]],
  },
};

/** Looks at the service that keeps `otop serve` running; undefined where otop knows no manager of services. */
export function lookAtService({ program, version }: Wanted, context: Context): Look | undefined {
  const manager = managers[context.machine.platform];
  if (manager === undefined) return undefined;
  const path = manager.path(context);
  const read = readText(path);
  if ('why' in read) return { kind: 'refused', why: read.why };
  const { terminal: _, ...plain } = program;
  if (read.text === undefined) {
    const topFolder = firstMissingFolder(path);
    const facts = { ...plain, version, ...(topFolder !== undefined && { topFolder }) };
    return {
      kind: 'absent',
      path,
      install: { path, steps: [undefined, manager.text(facts, context)], mode: 0o600 },
    };
  }
  const found = readWholeFile(read.text);
  if (found === undefined) return { kind: 'refused', why: `${path} is not otop's: move it away first` };
  const { facts, isEdited } = found;
  const { topFolder } = facts ?? {};
  const made = topFolder === undefined ? {} : { topFolder };
  const text = manager.text({ ...plain, version, ...made }, context);
  return {
    kind: 'installed',
    path,
    isCurrent: facts !== undefined && manager.text({ ...facts, version }, context) === read.text,
    ...(isEdited && { needsForce: `${path} was changed by hand` }),
    troubles: facts ? missingParts(facts) : [],
    ...(text !== read.text && { update: { path, steps: [read.text, text], mode: 0o600 } }),
    remove: { path, steps: [read.text, undefined], mode: 0o600, ...made },
  };
}

/** Starts the written service. Returns the reason in words and the commands to run by hand if that fails. */
export async function startService(path: string, context: Context): Promise<string | undefined> {
  const manager = managers[context.machine.platform];
  if (manager === undefined) return undefined;
  if (context.machine.platform === 'darwin') await runAll(manager.stop(path), context);
  const failed = await runAll(manager.start(path), context);
  if (failed === undefined) return undefined;
  return `otop serve could not be started (${failed.why}); where the manager of your services answers, run: ${byHand(manager.start(path))}`;
}

/** Stops the service before its file goes. Returns the reason in words if that fails. */
export async function stopService(path: string, context: Context): Promise<string | undefined> {
  const manager = managers[context.machine.platform];
  if (manager === undefined) return undefined;
  const failed = await runAll(manager.stop(path), context);
  removeWantedLink(path);
  if (failed === undefined) return undefined;
  return `otop serve could not be stopped (${failed.why}); where it runs, run: ${byHand(manager.stop(path))}`;
}

/** Tells the manager that the service's file is gone. Without a manager that answers there is nobody to tell. */
export async function forgetService(context: Context): Promise<void> {
  const { forget } = managers[context.machine.platform] ?? {};
  if (forget !== undefined) await runAll([forget], context);
}

/** Removes the link that `systemctl enable` made, if no manager did, and its folder. */
function removeWantedLink(path: string): void {
  const link = join(dirname(path), 'default.target.wants', unitName);
  const isLink = lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (isLink && readlinkSync(link).endsWith(`/${unitName}`)) rmSync(link);
  removeIfEmpty(dirname(link));
}

async function runAll(
  commands: readonly (readonly string[])[],
  { machine }: Context,
): Promise<{ readonly why: string } | undefined> {
  for (const [program = '', ...args] of commands) {
    const result = await machine.run(program, args, { timeoutMs: 20_000 });
    if (result.kind === 'ended' && result.exitCode === 0) continue;
    const why = result.kind === 'ended' ? `exit code ${result.exitCode}` : result.kind;
    return { why: `\`${[program, ...args].join(' ')}\`: ${why}` };
  }
  return undefined;
}

function byHand(commands: readonly (readonly string[])[]): string {
  return commands.map((words) => words.join(' ')).join(' && ');
}

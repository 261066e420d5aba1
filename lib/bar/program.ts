import { existsSync } from 'node:fs';
import { basename, delimiter, isAbsolute, join } from 'node:path';
import type { Context } from '../system/context.ts';
import { findOnPath, isProgram, realPath } from '../system/files.ts';
import { xdgFolder } from '../system/folders.ts';
import type { Facts, Program } from './marks.ts';

/** Folders that live no longer than a shell (fnm) or than npm wants (npx). */
const fleeting = /\/fnm_multishells\/|\/_npx\//;

/** Returns what bars shall start: this Node and this otop, by paths that outlive an update. */
export function presentProgram(context: Context): Program {
  const { env } = context;
  const { program } = context.machine;
  return {
    node: lastingPath(program.node, 'node', env),
    script: lastingPath(program.script, 'otop', env),
    env: ownVariables(context),
  };
}

/** Returns the reason in words if a program must not be written down; undefined if it may. */
export function unfitReason({ node, script, env }: Program): string | undefined {
  if (fleeting.test(script))
    return `this otop is in npx's cache, which npm empties; install otop first: ${script}`;
  if (/\.ts$/.test(script)) return `this otop runs from its sources; build it first: ${script}`;
  const broken = [node, script, ...Object.values(env)].find((word = '') => /[\n\r\0]/.test(word));
  return broken && `a path with a line break cannot be written: ${broken}`;
}

/**
 * Returns the path of a program to write down. Homebrew removes `Cellar/node/22.1.0` with each update and keeps a link
 * `opt/node`; fnm's path on the PATH ends with the shell. So the first link that leads to the same file is better.
 */
export function lastingPath(path: string, name: string, env: Context['env']): string {
  const real = realPath(path);
  const ofHomebrew = /^(.*)\/Cellar\/([^/]+)\/[^/]+\/(.*)$/.exec(real);
  const onPath = (env.PATH ?? '').split(delimiter).filter(isAbsolute);
  const candidates = [
    ...(ofHomebrew ? [join(ofHomebrew[1] ?? '', 'opt', ofHomebrew[2] ?? '', ofHomebrew[3] ?? '')] : []),
    ...onPath.map((folder) => join(folder, name)),
    path,
  ];
  return candidates.find((each) => !fleeting.test(each) && realPath(each) === real) ?? real;
}

/** The variables that change where otop and opencode keep their files. A bar does not read the user's shell files. */
function ownVariables({ env, homeDir }: Context): Program['env'] {
  const own: Record<string, string> = {};
  const folders = { XDG_CONFIG_HOME: 'config', XDG_DATA_HOME: 'data', XDG_STATE_HOME: 'state' } as const;
  for (const [name, kind] of Object.entries(folders)) {
    const folder = xdgFolder(kind, { env, homeDir });
    if (folder !== xdgFolder(kind, { env: {}, homeDir })) own[name] = folder;
  }
  for (const name of ['OPENCODE_DB', 'OTOP_CONFIG']) {
    const path = env[name];
    if (path !== undefined && isAbsolute(path)) own[name] = path;
  }
  return own;
}

/** Returns what is missing of a written program, in words; empty if a bar can start it. */
export function missingParts({ node, script, terminal }: Facts): string[] {
  return [
    ...(isProgram(node) ? [] : [`Node.js is gone from ${node}`]),
    ...(existsSync(script) ? [] : [`otop is gone from ${script}`]),
    ...(terminal === undefined || isProgram(terminal) ? [] : [`the terminal is gone from ${terminal}`]),
  ];
}

/** Says which paths end with a version of Node, as those of nvm do; undefined if they last. */
export function versionNote({ node, script }: Program): string | undefined {
  const versioned = [node, script].find((path) => /\/v?\d+\.\d+\.\d+\//.test(path));
  if (versioned === undefined) return undefined;
  return `${versioned} names a version: where that is removed, install the bar again.`;
}

/** How terminals are told what to run; the first on the PATH is taken. */
const terminals: Readonly<Record<string, readonly string[]>> = {
  'xdg-terminal-exec': [],
  foot: [],
  kitty: [],
  alacritty: ['-e'],
  ghostty: ['-e'],
  wezterm: ['start', '--'],
  konsole: ['-e'],
  'gnome-terminal': ['--'],
  xterm: ['-e'],
};

/** Returns the path of a terminal that otop knows how to start: `$TERMINAL`, else the first of its list on the PATH. */
export function findTerminal(env: Context['env']): string | undefined {
  const names = [basename(env.TERMINAL ?? ''), ...Object.keys(terminals)].filter((name) =>
    Object.hasOwn(terminals, name),
  );
  return names.flatMap((name) => findOnPath(name, env) ?? [])[0];
}

/** Returns the words that open a program in a terminal of `findTerminal`. */
export function terminalWords(terminal: string): readonly string[] {
  return [terminal, ...(terminals[basename(terminal)] ?? [])];
}

import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../system/context.ts';
import { namesIn } from '../system/files.ts';
import { type Look, readText, type Wanted } from './change.ts';
import { readWholeFile, wholeFileText } from './marks.ts';
import { missingParts } from './program.ts';
import { shellWord } from './quoting.ts';

/** SwiftBar runs a file each 5 s that is named so; whoever wants another time renames it. */
const usualName = 'otop.5s.sh';
const possibleName = /^otop\.\d+(?:ms|s|m|h|d)\.sh$/;

/**
 * The plugin, with its description in SwiftBar's form (its README, "Script Metadata"). It always prints something: SwiftBar
 * takes the item of a plugin without output out of the menu bar (macos.md, "SwiftBar's hidden items"). Without a program it
 * is the one for the PATH, to be copied by hand.
 */
export function swiftbarPlugin(program: Wanted['program'] | undefined, version = ''): string[] {
  const about = [
    '#!/bin/sh',
    program === undefined
      ? '# SwiftBar: copy this file into its plugin folder and make it executable; or: otop bar install swiftbar'
      : '# Written by `otop bar install swiftbar`; `otop bar uninstall swiftbar` removes it.',
    '# SwiftBar runs it every 5 s, as its name says.',
    '# <xbar.title>otop</xbar.title>',
    ...(program === undefined ? [] : [`# <xbar.version>v${version}</xbar.version>`]),
    '# <xbar.desc>Which opencode sessions need you</xbar.desc>',
    '# <xbar.dependencies>node,otop</xbar.dependencies>',
    '# <swiftbar.hideRunInTerminal>true</swiftbar.hideRunInTerminal>',
    '# <swiftbar.alwaysVisible>true</swiftbar.alwaysVisible>',
  ];
  const trouble = [
    '# Without a line here the item would leave the menu bar.',
    "printf '%s\\n' 'otop ! | color=#ff3b30' --- \\",
    program === undefined
      ? "  'otop is not on the PATH' --- 'Refresh | refresh=true'"
      : "  'Node.js or otop has moved: run otop bar install swiftbar' --- 'Refresh | refresh=true'",
  ];
  if (program === undefined) {
    return [
      ...about,
      '[ -n "$LANG" ] || export LANG=en_US.UTF-8',
      'PATH="$PATH:/opt/homebrew/bin:/usr/local/bin"',
      'command -v otop >/dev/null && exec otop bar-status',
      '# nvm, fnm and Volta are on the PATH of an interactive shell alone.',
      "/bin/zsh -lic 'command -v otop' >/dev/null 2>&1 && exec /bin/zsh -lic 'exec otop bar-status'",
      ...trouble,
    ];
  }
  const { node, script, env } = program;
  return [
    ...about,
    // A shell of one's own every 5 s would take longer than otop.
    '# <swiftbar.runInBash>false</swiftbar.runInBash>',
    '[ -n "$LANG" ] || export LANG=en_US.UTF-8',
    ...Object.entries(env).map(([name, value]) => `export ${name}=${shellWord(value ?? '')}`),
    `node=${shellWord(node)}`,
    `otop=${shellWord(script)}`,
    '[ -x "$node" ] && [ -r "$otop" ] && exec "$node" "$otop" bar-status',
    ...trouble,
  ];
}

/** Looks into SwiftBar's plugin folder. */
export async function lookAtSwiftbar(wanted: Wanted, context: Context): Promise<Look> {
  const { program, version } = wanted;
  const folder = wanted.folder ?? (await pluginFolder(context));
  if (folder === undefined) {
    return {
      kind: 'refused',
      isMissing: true,
      why: 'SwiftBar has no plugin folder: start it and choose one, or name one with --folder',
    };
  }
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    return { kind: 'refused', why: `SwiftBar's plugin folder ${folder} does not exist` };
  }
  const names = namesIn(folder).filter((name) => possibleName.test(name));
  const name = names.find((each) => isOurs(join(folder, each))) ?? usualName;
  const path = join(folder, name);
  const read = readText(path);
  if ('why' in read) return { kind: 'refused', why: read.why };
  const other = names.find((each) => each !== name);
  const text = wholeFileText(swiftbarPlugin(program, version), 1, '#', { ...program, version });
  if (read.text === undefined) {
    const needsForce = other && `${join(folder, other)} shows otop already: take it out first`;
    const install = { path, steps: [undefined, text], mode: 0o700 };
    return { kind: 'absent', path, install, ...(needsForce && { needsForce }) };
  }
  const found = readWholeFile(read.text);
  if (found === undefined) return { kind: 'refused', why: `${path} is not otop's: move it away first` };
  const { facts, isEdited } = found;
  const expected = facts && wholeFileText(swiftbarPlugin(facts, version), 1, '#', { ...facts, version });
  return {
    kind: 'installed',
    path,
    isCurrent: expected === read.text,
    ...(isEdited && { needsForce: `${path} was changed by hand` }),
    troubles: [...(facts ? missingParts(facts) : []), ...(await hiddenReasons(name, path, context))],
    ...(text !== read.text && { update: { path, steps: [read.text, text], mode: 0o700 } }),
    remove: { path, steps: [read.text, undefined], mode: 0o700 },
  };
}

function isOurs(path: string): boolean {
  const read = readText(path);
  return 'text' in read && read.text !== undefined && readWholeFile(read.text) !== undefined;
}

const domain = 'com.ameba.SwiftBar';

async function defaults(context: Context, ...keys: readonly string[]): Promise<string | undefined> {
  const result = await context.machine.run('defaults', ['read', domain, ...keys], { timeoutMs: 3000 });
  return result.kind === 'ended' && result.exitCode === 0 ? result.stdout.trim() : undefined;
}

async function pluginFolder(context: Context): Promise<string | undefined> {
  const path = await defaults(context, 'PluginDirectory');
  if (!path) return undefined;
  return path === '~' || path.startsWith('~/') ? join(context.homeDir, path.slice(1)) : path;
}

/** Returns why SwiftBar or macOS does not show the item, with what to do; empty if nothing is known to hide it. */
async function hiddenReasons(name: string, path: string, context: Context): Promise<string[]> {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  const settings = (await defaults(context)) ?? '';
  const disabled = /\bDisabledPlugins\s*=\s*\(([^)]*)\)/.exec(settings)?.[1] ?? '';
  const isHidden = settings.split('\n').some((line) => line.trim() === `"NSStatusItem Visible ${name}" = 0;`);
  return [
    ...((mode & 0o111) === 0 ? [`${path} is not executable (chmod +x)`] : []),
    ...(disabled.includes(name) ? ['the plugin is switched off in SwiftBar: Preferences, Plugins'] : []),
    ...(isHidden
      ? [
          `macOS hides the item: quit SwiftBar, \`defaults delete ${domain} 'NSStatusItem Visible ${name}'\`, start it`,
        ]
      : []),
  ];
}

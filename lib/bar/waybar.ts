import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findNodeAtLocation, type Node, type ParseError, parseTree } from 'jsonc-parser';
import { xdgFolder } from '../system/folders.ts';
import type { Surroundings } from '../system/surroundings.ts';
import { type Change, type Look, readText, type Wanted } from './change.ts';
import { findMarkedLines, type MarkedLines, markedText, type NewFacts, withoutMarkedLines } from './marks.ts';
import { missingParts, terminalWords } from './program.ts';
import { shellCommand, shellWord } from './quoting.ts';

const moduleName = 'custom/otop';
/** Where the module goes: into the first of these lists that a bar has. */
const lists = ['modules-right', 'modules-center', 'modules-left'] as const;

/** Returns the module for a configuration of waybar (waybar-custom(5)), which starts commands by `sh -c`. */
export function waybarModule(
  status: string,
  dashboard: string | undefined,
): Readonly<Record<string, unknown>> {
  return {
    exec: status,
    'return-type': 'json',
    interval: 5,
    ...(dashboard !== undefined && { 'on-click': dashboard }),
  };
}

function moduleOf(program: Wanted['program']): Readonly<Record<string, unknown>> {
  const { terminal } = program;
  const inTerminal =
    terminal && [...terminalWords(terminal).map(shellWord), shellCommand(program, [])].join(' ');
  return waybarModule(shellCommand(program, ['status', '--format', 'waybar']), inTerminal);
}

/** Looks at waybar's configuration. */
export function lookAtWaybar(wanted: Wanted, surroundings: Surroundings): Look {
  const path = wanted.file ?? waybarFile(surroundings);
  if (path === undefined) {
    const why = `no configuration of waybar in ${join(xdgFolder('config', surroundings), 'waybar')}`;
    return {
      kind: 'refused',
      isMissing: true,
      why: `${why}: copy the one from /etc/xdg/waybar there first, or name yours with --file`,
    };
  }
  const read = readText(path);
  if ('why' in read) return { kind: 'refused', why: read.why };
  if (read.text === undefined) return { kind: 'refused', why: `there is no ${path}` };
  const text = read.text;
  const tree = treeOf(text);
  if ('why' in tree) return { kind: 'refused', why: `${path}:${tree.why}` };
  const lines = findMarkedLines(text);
  if (lines.kind === 'broken') return { kind: 'refused', why: `${path}: ${lines.why}` };
  return lines.kind === 'lines'
    ? installed(path, text, lines, wanted)
    : absent(path, text, tree.bars, wanted);
}

/** The first that exists, in waybar's order (`findConfigPath` of its src/config.cpp). */
function waybarFile(surroundings: Surroundings): string | undefined {
  const { env, homeDir } = surroundings;
  const folders = [
    ...(env.WAYBAR_CONFIG_DIR ? [env.WAYBAR_CONFIG_DIR] : []),
    join(xdgFolder('config', surroundings), 'waybar'),
    join(homeDir, '.config/waybar'),
    join(homeDir, 'waybar'),
  ];
  const paths = folders.flatMap((folder) => ['config', 'config.jsonc'].map((name) => join(folder, name)));
  return paths.find((path) => existsSync(path));
}

/** Returns the bars of a configuration, one object or a list of them; or where it is not valid. */
function treeOf(text: string): { readonly bars: readonly Node[] } | { readonly why: string } {
  const errors: ParseError[] = [];
  // Of the same length, so that offsets stay.
  const root = parseTree(text.replace(/^\uFEFF/, ' '), errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error !== undefined) return { why: `${placeOf(error.offset, text)}: not valid JSON with comments` };
  const bars = (root?.type === 'array' ? (root.children ?? []) : root ? [root] : []).filter(
    ({ type }) => type === 'object',
  );
  return bars.length > 0 ? { bars } : { why: '1:1: holds no bar' };
}

/** Returns an offset as line and column, both from 1. */
function placeOf(offset: number, text: string): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

/** Returns what keeps waybar from a list of a bar: it takes the last of two equal names, and only a list. */
function listFault(bar: Node, text: string): string | undefined {
  const seen = new Set<unknown>();
  for (const { children: [name, value] = [] } of bar.children ?? []) {
    if (name === undefined || !lists.some((each) => each === name.value)) continue;
    if (value?.type !== 'array') return `${placeOf(name.offset, text)}: "${name.value}" is no list`;
    if (seen.has(name.value)) return `${placeOf(name.offset, text)}: a second "${name.value}"`;
    seen.add(name.value);
  }
  return undefined;
}

function listOf(bar: Node): Node | undefined {
  return lists.map((name) => findNodeAtLocation(bar, [name])).find((node) => node?.type === 'array');
}

function absent(path: string, text: string, bars: readonly Node[], { program, version }: Wanted): Look {
  const bar = bars.find((each) => listOf(each) !== undefined) ?? bars[0];
  if (bar === undefined) return { kind: 'refused', why: `${path} holds no bar` };
  if (bars.some((each) => findNodeAtLocation(each, [moduleName]))) {
    return {
      kind: 'refused',
      why: `${path} has a module ${moduleName} that otop did not write: take it out first`,
    };
  }
  const fault = listFault(bar, text);
  if (fault !== undefined) return { kind: 'refused', why: `${path}:${fault}` };
  const list = listOf(bar);
  if (list === undefined && findNodeAtLocation(bar, ['include'])) {
    return {
      kind: 'refused',
      why: `${path} has no list of modules, but includes other files: name the one with --file`,
    };
  }
  const withModule = insertModule(text, bar, list === undefined, { ...program, version });
  const steps = [text, withModule];
  if (list !== undefined) steps.push(listed(withModule, list, withModule.length - text.length));
  return { kind: 'absent', path, install: { path, steps, mode: 0o600 } };
}

/**
 * Inserts the module as the bar's first, so that the comma is otop's too. `modify` of jsonc-parser would put it last and
 * change the user's line before it, which could not be undone exactly.
 */
function insertModule(text: string, bar: Node, needsList: boolean, facts: NewFacts): string {
  const at = bar.offset + 1;
  const rest = text.slice(at);
  const [, restBreak] = /^[ \t]*(\r?\n)/.exec(rest) ?? [];
  // Then the user's line break after `{` ends the last mark's line.
  const startsLine = /^\r?\n/.test(rest);
  const lineBreak = restBreak ?? (text.includes('\r\n') ? '\r\n' : '\n');
  const indent = /^\s*?\n([ \t]*)(?=["/])/.exec(rest)?.[1] ?? '    ';
  const isAlone = (bar.children ?? []).length === 0;
  const body = moduleLines(moduleOf(facts), indent, needsList, isAlone);
  const block = markedText(
    body,
    { ...facts, ...(!startsLine && { addedLineBreak: true }) },
    { sign: '//', indent, lineBreak },
  );
  return `${text.slice(0, at)}${lineBreak}${block}${startsLine ? '' : lineBreak}${rest}`;
}

const hint =
  '// Shows who needs you. Written by `otop bar install waybar`; `otop bar uninstall waybar` takes it out again.';

function moduleLines(module: object, indent: string, needsList: boolean, isAlone: boolean): string[] {
  const unit = indent.includes('\t') ? '\t' : indent === '' ? '    ' : indent;
  const json = JSON.stringify(module, null, unit).split('\n');
  const first = `"${moduleName}": ${json[0]}`;
  const list = needsList ? [`"${lists[0]}": ["${moduleName}"],`] : [];
  const lines = [hint, ...list, first, ...json.slice(1, -1), isAlone ? '}' : '},'];
  return lines.map((line) => `${indent}${line}`);
}

/** Puts the module first into a list, which may have moved by `shift` since it was parsed, written as that list is. */
function listed(text: string, list: Node, shift = 0): string {
  const at = list.offset + shift + 1;
  const rest = text.slice(at);
  if (list.children?.length === 0) return `${text.slice(0, at)}"${moduleName}"${rest}`;
  const space = /^\s*/.exec(rest)?.[0] ?? '';
  return `${text.slice(0, at)}${space}"${moduleName}",${space === '' ? ' ' : ''}${rest}`;
}

function installed(
  path: string,
  text: string,
  lines: Extract<MarkedLines, { kind: 'lines' }>,
  { program, version }: Wanted,
): Look {
  const { facts, indent, body } = lines;
  const needsList = body.some((line) => line.includes(`"${lists[0]}"`));
  const isAlone = body.at(-1)?.endsWith('}') === true;
  const linesFor = (of: Wanted['program']) => moduleLines(moduleOf(of), indent, needsList, isAlone);
  const isCurrent = facts?.version === version && body.join('\n') === linesFor(facts).join('\n');
  const isListed = entriesIn(text).length > 0;
  const newFacts = { ...program, version, ...(facts?.addedLineBreak && { addedLineBreak: true }) };
  const block = markedText(linesFor(program), newFacts, { sign: '//', indent, lineBreak: lines.lineBreak });
  const updated = `${text.slice(0, lines.start)}${block}${lines.lineBreak}${text.slice(lines.end)}`;
  const steps = [text, ...(updated === text ? [] : [updated])];
  if (!isListed) steps.push(...relisted(updated));
  const without = withoutEntries(text);
  const found = findMarkedLines(without);
  const removed = found.kind === 'lines' ? withoutMarkedLines(without, found, true) : without;
  const change = (...texts: readonly string[]): Change => ({ path, steps: texts, mode: 0o600 });
  return {
    kind: 'installed',
    path,
    isCurrent,
    ...(lines.isEdited && { needsForce: `${path}: the lines between otop's marks were changed by hand` }),
    troubles: [
      ...(facts === undefined ? [] : missingParts(facts)),
      ...(isListed ? [] : [`"${moduleName}" is in no list of modules`]),
    ],
    ...(steps.length > 1 && { update: change(...steps) }),
    remove: change(...new Set([text, without, removed])),
  };
}

/** Puts the module back into a list that somebody took it out of. */
function relisted(text: string): string[] {
  const tree = treeOf(text);
  if ('why' in tree) return [];
  const list = tree.bars.map(listOf).find((node) => node !== undefined);
  return list === undefined ? [] : [listed(text, list)];
}

/** The entries for the module in lists of modules, also of groups: `"group/x": { "modules": [...] }`. */
function entriesIn(text: string): { readonly list: Node; readonly entry: Node }[] {
  const tree = treeOf(text);
  if ('why' in tree) return [];
  const root = tree.bars[0]?.parent ?? tree.bars[0];
  const found: { list: Node; entry: Node }[] = [];
  const visit = (node: Node, isList: boolean) => {
    for (const child of node.children ?? []) {
      if (node.type === 'object') {
        const [name, value] = child.children ?? [];
        if (value) visit(value, value.type === 'array' && /^modules(-|$)/.test(String(name?.value)));
      } else if (isList && child.value === moduleName) {
        found.push({ list: node, entry: child });
      } else {
        visit(child, false);
      }
    }
  };
  if (root) visit(root, false);
  return found;
}

/** Takes the module out of all lists but the one between otop's marks. */
function withoutEntries(text: string): string {
  const marked = findMarkedLines(text);
  const isOutside = (offset: number) =>
    marked.kind !== 'lines' || offset < marked.start || offset >= marked.end;
  const last = entriesIn(text)
    .filter(({ entry }) => isOutside(entry.offset))
    .at(-1);
  if (last === undefined) return text;
  return withoutEntries(withoutEntry(text, last));
}

/**
 * The inverse of `listed`; where somebody moved the entry, what is left stays valid. `modify` of jsonc-parser 3.3.1 would
 * leave a quotation mark of a list's last text.
 */
function withoutEntry(text: string, { list, entry }: ReturnType<typeof entriesIn>[number]): string {
  const children = list.children ?? [];
  const index = children.indexOf(entry);
  const [previous, next] = [children[index - 1], children[index + 1]];
  const [end, listEnd] = [endOf(entry), endOf(list) - 1];
  const before = text.slice(0, entry.offset);
  const comma = commaIn(text, end, next?.offset ?? listEnd);
  if (comma !== undefined) {
    const rest = text.slice(end, comma) + text.slice(comma + 1);
    const space = text.slice(list.offset + 1, entry.offset);
    // After `[` alone `listed` adds a space; else the space before the entry stays for the next.
    if (previous === undefined && space !== '' && rest.startsWith(space))
      return before.slice(0, -space.length) + rest;
    return before + rest.replace(/^ /, '');
  }
  const commaBefore = previous && commaIn(text, endOf(previous), entry.offset);
  if (commaBefore === undefined) return before + text.slice(end);
  return text.slice(0, commaBefore) + text.slice(commaBefore + 1, entry.offset).trimEnd() + text.slice(end);
}

const endOf = ({ offset, length }: Node) => offset + length;

/** Returns the offset of the comma between two values, which may have comments between them. */
function commaIn(text: string, from: number, to: number): number | undefined {
  const blank = text
    .slice(from, to)
    .replace(/\/\/.*|\/\*[\s\S]*?\*\//g, (comment) => ' '.repeat(comment.length));
  const comma = blank.indexOf(',');
  return comma === -1 ? undefined : from + comma;
}

import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Context } from '../system/context.ts';
import { realPath } from '../system/files.ts';
import { xdgFolder } from '../system/folders.ts';
import type { RunResult } from '../system/run-program.ts';
import { type Change, firstMissingFolder, type Look, readText, type Wanted } from './change.ts';
import { findMarkedLines, type MarkedLines, markedText, type NewFacts, withoutMarkedLines } from './marks.ts';
import { missingParts } from './program.ts';
import { shellCommand, tmuxJob, tmuxWord } from './quoting.ts';

/**
 * What stands in `status-right`: the option `@otop`, or nothing where that is not set. So an update changes the option
 * alone, and a text that stays in a running tmux shows nothing.
 */
const segment = '#{?@otop,#{E:@otop}  ,}';
const escapedSegment = segment.replaceAll('#', '##');
/** tmux cuts the end of a longer `status-right`: its default of 40 cells is full already. */
const enoughCells = 80;
/** A text of 10 to 79 cells; tmux before 3.2 cannot compare numbers. */
const tooFewCells = '[1-7][0-9]';

/**
 * The lines for tmux.conf. Each reload runs them again, and the person's own lines may or may not have set `status-right`
 * anew before them: so they look for the segment first. tmux 3.3a takes a carriage return as part of a value, so these
 * lines never end with one.
 */
function tmuxLines(program: Wanted['program']): readonly string[] | { readonly why: string } {
  const job = tmuxJob(shellCommand(program, ['status', '--format', 'tmux']));
  if ('why' in job) return job;
  return [
    '# Shows who needs you. Written by `otop bar install tmux`; `otop bar uninstall tmux` takes these lines out again.',
    `set -g @otop ${tmuxWord(job.job)}`,
    `if -F '#{m:*@otop*,#{status-right}}' '' "set -gF status-right '${escapedSegment}#{status-right}'"`,
    `if -F '#{m:${tooFewCells},#{status-right-length}}' 'set -gF @otop_length "#{status-right-length}" ; set -g status-right-length ${enoughCells}'`,
  ];
}

/** A line of the user's that shows otop already. */
const ownLine = /\botop\S* status --format[= ]tmux\b/;

/** Looks at the configuration that tmux reads. */
export async function lookAtTmux(wanted: Wanted, context: Context): Promise<Look> {
  const { paths, target } = await tmuxFiles(wanted, context);
  const marked: { path: string; text: string; lines: Exclude<MarkedLines, { kind: 'none' }> }[] = [];
  for (const path of paths) {
    const read = readText(path);
    if ('why' in read) {
      if (path === target) return { kind: 'refused', why: read.why };
      continue;
    }
    const lines = findMarkedLines(read.text ?? '');
    if (lines.kind !== 'none') marked.push({ path, text: read.text ?? '', lines });
  }
  const [found, other] = marked;
  if (found === undefined) return absent(target, wanted);
  if (other !== undefined) {
    return {
      kind: 'refused',
      why: `otop's lines are in two files, ${found.path} and ${other.path}: remove them from one`,
    };
  }
  const { path, text, lines } = found;
  return lines.kind === 'broken'
    ? { kind: 'refused', why: `${path}: ${lines.why}` }
    : installed(path, text, lines, wanted);
}

function absent(path: string, { program, version }: Wanted): Look {
  const read = readText(path);
  if ('why' in read) return { kind: 'refused', why: read.why };
  const body = tmuxLines(program);
  if ('why' in body) return { kind: 'refused', why: body.why };
  const text = read.text ?? '';
  const addedLineBreak = text !== '' && !text.endsWith('\n');
  const topFolder = firstMissingFolder(path);
  const facts: NewFacts = {
    ...program,
    version,
    ...(read.text === undefined && { newFile: true }),
    ...(topFolder !== undefined && { topFolder }),
    ...(addedLineBreak && { addedLineBreak }),
  };
  const own = text.split('\n').findIndex((line) => !line.trimStart().startsWith('#') && ownLine.test(line));
  return {
    kind: 'absent',
    path,
    install: {
      path,
      steps: [read.text, `${text}${addedLineBreak ? '\n' : ''}${block(body, facts)}`],
      mode: 0o600,
    },
    ...(own !== -1 && { needsForce: `${path} shows otop already, in line ${own + 1}: take that out first` }),
  };
}

function installed(
  path: string,
  text: string,
  lines: Extract<MarkedLines, { kind: 'lines' }>,
  { program, version }: Wanted,
): Look {
  const { facts } = lines;
  const expected = facts && tmuxLines(facts);
  const body = tmuxLines(program);
  const kept = {
    ...(facts?.newFile && { newFile: true }),
    ...(facts?.addedLineBreak && { addedLineBreak: true }),
    ...(facts?.topFolder !== undefined && { topFolder: facts.topFolder }),
  };
  const updated =
    'why' in body
      ? text
      : text.slice(0, lines.start) + block(body, { ...program, version, ...kept }) + text.slice(lines.end);
  const without = withoutMarkedLines(text, lines, false);
  const isOtopsFile = facts?.newFile === true && without === '';
  const change = (after: string | undefined): Change => ({
    path,
    steps: [text, after],
    mode: 0o600,
    ...(facts?.topFolder !== undefined && { topFolder: facts.topFolder }),
  });
  return {
    kind: 'installed',
    path,
    isCurrent:
      facts?.version === version && Array.isArray(expected) && lines.body.join('\n') === expected.join('\n'),
    ...(lines.isEdited && { needsForce: `${path}: the lines between otop's marks were changed by hand` }),
    troubles: [...(facts === undefined ? [] : missingParts(facts)), ...('why' in body ? [body.why] : [])],
    ...(updated !== text && { update: change(updated) }),
    remove: change(isOtopsFile ? undefined : without),
  };
}

function block(body: readonly string[], facts: NewFacts): string {
  return `${markedText(body, facts, { sign: '#', indent: '', lineBreak: '\n' })}\n`;
}

/**
 * Returns the files that tmux reads, and the one to write to: the last that exists, since tmux reads them all in this
 * order (TMUX_CONF in its Makefile.am, from 3.1). A running tmux knows better, since `-f` names others.
 */
async function tmuxFiles(
  { file }: Wanted,
  context: Context,
): Promise<{ readonly paths: readonly string[]; readonly target: string }> {
  if (file !== undefined) return { paths: [file], target: file };
  const { homeDir } = context;
  const inConfig = join(xdgFolder('config', context), 'tmux/tmux.conf');
  const usual = [join(homeDir, '.tmux.conf'), inConfig, join(homeDir, '.config/tmux/tmux.conf')];
  const running = (await ask(context, 'display-message', '-p', '#{config_files}'))?.split(',') ?? [];
  const loaded = running.filter(
    (path) => isAbsolute(path) && !path.endsWith('/etc/tmux.conf') && existsSync(path),
  );
  const folderOf = inConfig.slice(0, -'/tmux.conf'.length);
  const fallback = existsSync(folderOf) ? inConfig : (usual[0] ?? inConfig);
  const target = loaded.at(-1) ?? usual.filter((path) => existsSync(path)).at(-1) ?? fallback;
  // Often one is a link to another.
  const distinct = new Map([target, ...loaded, ...usual].map((path) => [realPath(path), path]));
  return { paths: [...distinct.values()], target: distinct.get(realPath(target)) ?? target };
}

const limits = { timeoutMs: 3000 };

/** Returns what tmux prints, without the last line break; undefined if no tmux runs, or if it knows no such option. */
async function ask({ machine }: Context, ...args: readonly string[]): Promise<string | undefined> {
  const result: RunResult = await machine.run('tmux', args, limits);
  return result.kind === 'ended' && result.exitCode === 0 ? result.stdout.replace(/\n$/, '') : undefined;
}

/** True if a tmux runs here. */
export async function isTmuxRunning(context: Context): Promise<boolean> {
  return (await ask(context, 'display-message', '-p', '#{pid}')) !== undefined;
}

/** True if the running tmux shows otop; it does after a start or a reload. */
export async function isShownByTmux(context: Context): Promise<boolean> {
  return ((await ask(context, 'show-options', '-gqv', '@otop')) ?? '') !== '';
}

/** Has the running tmux read its configuration again. Returns false if it cannot. */
export async function reloadTmux(path: string, context: Context): Promise<boolean> {
  return (await ask(context, 'source-file', path)) !== undefined;
}

/** Takes otop out of the running tmux, whose options stay when lines are taken out of a file. */
export async function takeOutOfTmux(context: Context): Promise<boolean> {
  const right = await ask(context, 'show-options', '-gv', 'status-right');
  const cells = await ask(context, 'show-options', '-gv', 'status-right-length');
  const ownCells = await ask(context, 'show-options', '-gqv', '@otop_length');
  if (right === undefined) return false;
  const set = (...args: readonly string[]) => ask(context, 'set-option', '-g', ...args);
  if (right.includes(segment)) await set('status-right', right.replaceAll(segment, ''));
  if (cells === String(enoughCells) && ownCells) await set('status-right-length', ownCells);
  for (const option of ['@otop', '@otop_length']) await ask(context, 'set-option', '-gqu', option);
  return true;
}

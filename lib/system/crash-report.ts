import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { byteSize, duration } from '../text/format.ts';
import { maskOutside } from '../text/mask.ts';
import { type DisplayText, sanitize, sanitizeLines } from '../text/sanitize.ts';
import { versionText } from './build.ts';
import type { Context } from './context.ts';
import { errorCode } from './files.ts';
import { stateFolder } from './folders.ts';

/** What otop was doing when it crashed. */
export interface CrashScene {
  /** `dashboard`, or the command's name. */
  readonly command: string;
  /** The problems of the sources at that time. */
  readonly troubles: readonly { readonly source: string; readonly text: DisplayText }[];
}

const maxReports = 5;
/** Limits the chain of causes, which can be endless. */
const maxCauses = 5;

/**
 * Writes a crash report and returns the message for the user: the stack and the report's path. Never throws: if the
 * report cannot be written, returns the stack alone.
 */
export function crashMessage(
  error: unknown,
  scene: CrashScene,
  { env, homeDir, clock, logger }: Pick<Context, 'env' | 'homeDir' | 'clock' | 'logger'>,
): string {
  const stack = error instanceof Error ? error.stack : `a thrown ${typeof error}`;
  const message = `otop ${versionText()} failed, which is a bug: ${sanitizeLines(stack ?? '').join('\n')}\n`;
  try {
    logger?.log('error', 'bug', { error: nameOf(error) });
    const path = writeReport(
      stateFolder(env, homeDir),
      crashText(error, scene, clock.nowMs()),
      clock.nowMs(),
    );
    return `${message}A report without any content of your sessions is in ${sanitize(path)}\n`;
  } catch {
    // The disk is full or there is no home folder. The terminal still shows the stack.
    return message;
  }
}

function writeReport(folder: string, text: string, nowMs: number): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const before = readdirSync(folder)
    .filter((name) => /^crash-.*\.txt$/.test(name))
    .sort();
  for (const name of before.slice(0, Math.max(0, before.length - maxReports + 1)))
    rmSync(join(folder, name), { force: true });
  const path = join(folder, `crash-${new Date(nowMs).toISOString().replace(/[:.]/g, '-')}.txt`);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** Returns the report: error classes, masked messages and places in otop's code; no text from outside. */
export function crashText(error: unknown, { command, troubles }: CrashScene, nowMs: number): string {
  const { version, platform, arch } = process;
  const uptime = duration(process.uptime() * 1000);
  const memory = byteSize(process.memoryUsage.rss());
  return [
    `otop ${versionText()} failed at ${new Date(nowMs).toISOString()}`,
    `${command}; up ${uptime}; ${memory}; node ${version}; ${platform} ${arch}`,
    '',
    ...causes(error).flatMap(stackLines),
    '',
    troubles.length === 0 ? 'no source was in trouble' : 'sources in trouble:',
    ...troubles.map(({ source, text }) => `  ${source}: ${maskOutside(text)}`),
    '',
  ].join('\n');
}

function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  let next: unknown = error;
  while (next !== undefined && chain.length < maxCauses) {
    chain.push(next);
    next = next instanceof Error ? next.cause : undefined;
  }
  return chain;
}

/** Returns the error's class, its message with outside text masked, and its stack frames. */
function stackLines(error: unknown, index: number): string[] {
  const lead = index === 0 ? '' : 'caused by ';
  if (!(error instanceof Error)) return [`${lead}a thrown ${typeof error}`];
  const code = errorCode(error);
  const message = maskOutside((error.message.split('\n')[0] ?? '').slice(0, 300));
  // Frames start after the message, which may contain lines that look like frames.
  const stack = error.stack ?? '';
  const frames = stack
    .slice(stack.indexOf(error.message) + error.message.length)
    .split('\n')
    .slice(1);
  return [
    `${lead}${nameOf(error)}${/^[A-Z0-9_]+$/.test(code ?? '') ? ` ${code}` : ''}: ${message}`,
    ...frames.map(shortFrame),
  ];
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}

/** Shortens a path to its file name, since the folder of the package may contain the user's name. */
function shortFrame(frame: string): string {
  const place = /(^|[\s(])(?:file:\/\/)?(\/[^():]*)(?=:\d+:\d+)/;
  return frame.replace(place, (_all, before: string, path: string) => before + basename(path));
}

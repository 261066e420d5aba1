// @ts-check
// Tells otop what this opencode process is doing: one small file for each process, in otop's own state folder.
// It reads nothing of opencode's, calls nothing of it, and opens no connection. `otop plugin uninstall` removes it.
import { existsSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { appendFile, mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * @typedef {{ id: string, kind: 'permission' | 'question', tool?: string | undefined, patterns: string[], askedAtMs: number }} Ask
 * @typedef {{ kind: 'busy' | 'idle' } | { kind: 'retry', attempt: number, message?: string | undefined, nextMs?: number | undefined }} Activity
 * @typedef {object} SessionMark What is known of one session; only what its events said.
 * @property {string} id
 * @property {string} [parentId] Of a subagent's session.
 * @property {string} [title]
 * @property {number} atMs When its activity and asks were last said to be so.
 * @property {number} [turnAtMs] When it was made or last prompted: the newest of them is what a TUI shows.
 * @property {Activity} [activity] Absent until opencode says something: a plugin that starts late may not assume idle.
 * @property {Ask[]} asks Unanswered ones.
 * @property {{ name: string, message?: string | undefined, atMs: number }} [error]
 * @typedef {Map<string, SessionMark>} Sessions
 */

const formatVersion = 1;
/** Changes that follow one another within this time are one write. Asks do not wait. */
const gapMs = 50;
const maxSessions = 64;
const maxAsks = 8;
const maxPatterns = 3;
const maxTextChars = 300;
const maxTroubles = 20;
const maxTroubleBytes = 64 * 1024;

/** The rule of otop's `xdgFolder`, once more, since nothing of otop is at hand inside of opencode. */
const stateHome = process.env.XDG_STATE_HOME ?? '';
const stateFolder = isAbsolute(stateHome) ? stateHome : join(homeDirectory(), '.local', 'state');
const folder = join(stateFolder, 'otop', 'markers');
/** A home may be shared by machines and containers, whose process numbers mean nothing to one another. */
const name = `${process.pid}@${machine()}`;
const path = join(folder, `${name}.json`);
const draft = join(folder, `.${name}.draft`);

/** One for each directory that this process serves: opencode calls the plugin once for each. @type {Set<Sessions>} */
const instances = new Set();
const identity = { host: hostname(), pid: process.pid, startTicks: startTicks() };
const loadedAtMs = Date.now();
/** @type {string | undefined} */
let version;
/** Set for good where the folder was taken away: the plugin was uninstalled while this process runs. */
let silent = false;
/** opencode 1.14 loads a plugin in two threads of a process; only the one that has the events writes again and again. */
let isOurs = false;
let writing = false;
/** @type {'no' | 'soon' | 'now'} */
let due = 'no';
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let troubles = 0;
/** @type {Promise<void> | undefined} */
let ready;
const done = Promise.resolve();

/** This boot and this space of process numbers (Linux); elsewhere a home belongs to one machine. */
function machine() {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
    return `${boot}-${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')}`;
  } catch {
    return 'local';
  }
}

/** The root of the file system for one who has no home, as otop takes it, too. */
function homeDirectory() {
  try {
    return homedir() || '/';
  } catch {
    return '/';
  }
}

/** With the pid they name a process for good; undefined where there is no `/proc`. */
function startTicks() {
  try {
    const line = readFileSync('/proc/self/stat', 'latin1');
    return Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return undefined;
  }
}

/** A field of anything: opencode's events may be shaped otherwise in its next version. @param {unknown} value @param {string} key @returns {unknown} */
function field(value, key) {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** @param {unknown} value @returns {string | undefined} */
function text(value) {
  return typeof value === 'string' && value !== '' ? value.slice(0, maxTextChars) : undefined;
}

/** @param {unknown} value @returns {number | undefined} */
function number(value) {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** @param {unknown} value @returns {unknown[]} */
function list(value) {
  return Array.isArray(value) ? value.slice(0, maxPatterns) : [];
}

/** Notes what went wrong here, in otop's own file; never in opencode's log or on its screen. @param {unknown} error */
function noteTrouble(error) {
  if (silent || troubles++ >= maxTroubles) return;
  const file = join(folder, 'trouble.log');
  const line = `${new Date().toISOString()} pid ${process.pid} ${String(error).slice(0, 500)}\n`;
  stat(file)
    .then(
      ({ size }) => size,
      () => 0,
    )
    .then((size) => (size < maxTroubleBytes ? appendFile(file, line, { mode: 0o600 }) : undefined))
    .catch(() => undefined); // A disk that is full is not opencode's trouble.
}

function content() {
  /** @type {Sessions} */
  const all = new Map();
  for (const sessions of instances) {
    for (const [id, mark] of sessions) if ((all.get(id)?.atMs ?? 0) < mark.atMs) all.set(id, mark);
  }
  const sessions = [...all.values()];
  const times = { loadedAtMs, writtenAtMs: Date.now() };
  return JSON.stringify({ otopMarker: formatVersion, ...identity, ...times, opencode: version, sessions });
}

/** As a whole: a new file, renamed over the old one. Where that fails the old one must not go on telling. */
async function write() {
  writing = true;
  due = 'no';
  try {
    await ready;
    await writeFile(draft, content(), { mode: 0o600 });
    if (instances.size > 0) await rename(draft, path);
    isOurs = true;
  } catch (error) {
    silent ||= !existsSync(folder);
    noteTrouble(error);
    remove();
  }
  writing = false;
  if (instances.size === 0) remove();
  else if (due !== 'no') plan(due);
}

/** @param {'soon' | 'now'} when */
function plan(when) {
  if (silent || instances.size === 0) return;
  if (due !== 'now') due = when;
  if (writing || (timer !== undefined && when === 'soon')) return;
  clearTimeout(timer);
  timer = undefined;
  if (when === 'now') {
    void write();
    return;
  }
  timer = setTimeout(() => {
    timer = undefined;
    void write();
  }, gapMs);
  timer.unref?.();
}

/** Synchronous: at the end of a process nothing is waited for. */
function remove() {
  clearTimeout(timer);
  timer = undefined;
  if (!isOurs) return;
  try {
    rmSync(draft, { force: true });
    rmSync(path, { force: true });
  } catch (error) {
    noteTrouble(error);
  }
}

/** That it was loaded, so that `otop plugin status` can say so. Another thread of this process may have done so before. */
async function announce() {
  const before = ready;
  try {
    if (before === undefined) await mkdir(folder, { recursive: true, mode: 0o700 });
    await before;
    silent ||= !existsSync(folder);
    if (silent) return;
    await writeFile(path, content(), { mode: 0o600, flag: 'wx' });
    isOurs = true;
    if (instances.size === 0) remove();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) noteTrouble(error);
  }
}

/** The mark of a session, made where there is none; the one that was silent longest makes room. @param {Sessions} sessions @param {string} id @returns {SessionMark} */
function markOf(sessions, id) {
  const mark = sessions.get(id) ?? { id, atMs: Date.now(), asks: [] };
  // Behind all others: the map's order is that of the last events.
  sessions.delete(id);
  sessions.set(id, mark);
  if (sessions.size > maxSessions) sessions.delete(String(sessions.keys().next().value));
  return mark;
}

/** @param {unknown} status @returns {Activity | undefined} */
function activityOf(status) {
  const kind = field(status, 'type');
  if (kind === 'busy' || kind === 'idle') return { kind };
  if (kind !== 'retry') return undefined;
  const attempt = number(field(status, 'attempt')) ?? 0;
  return { kind, attempt, message: text(field(status, 'message')), nextMs: number(field(status, 'next')) };
}

/** @param {Sessions} sessions @param {unknown} properties @param {unknown} status */
function onStatus(sessions, properties, status) {
  const id = text(field(properties, 'sessionID'));
  const activity = activityOf(status);
  if (id === undefined || activity === undefined) return;
  const mark = markOf(sessions, id);
  mark.atMs = Date.now();
  mark.activity = activity;
  // A subagent may go on, and ask, after its root has come to rest: it has an idle of its own.
  if (activity.kind === 'idle') mark.asks = [];
  else mark.turnAtMs ??= mark.atMs;
  plan('soon');
}

/** @param {Sessions} sessions @param {unknown} properties @param {Ask['kind']} kind */
function onAsked(sessions, properties, kind) {
  const sessionId = text(field(properties, 'sessionID'));
  const id = text(field(properties, 'id'));
  if (sessionId === undefined || id === undefined) return;
  const mark = markOf(sessions, sessionId);
  mark.atMs = Date.now();
  const command = field(field(properties, 'metadata'), 'command');
  const questions = list(field(properties, 'questions')).map((one) => field(one, 'question'));
  const wanted = kind === 'question' ? questions : command ? [command] : list(field(properties, 'patterns'));
  const patterns = wanted.flatMap((one) => text(one) ?? []);
  const tool = text(field(properties, 'permission'));
  const others = mark.asks.filter((one) => one.id !== id).slice(1 - maxAsks);
  mark.asks = [...others, { id, kind, tool, patterns, askedAtMs: mark.atMs }];
  plan('now');
}

/** @param {Sessions} sessions @param {unknown} properties */
function onReplied(sessions, properties) {
  const mark = sessions.get(String(field(properties, 'sessionID')));
  const answered = field(properties, 'requestID');
  if (mark === undefined) return;
  mark.atMs = Date.now();
  mark.asks = mark.asks.filter(({ id }) => id !== answered);
  plan('now');
}

/** @param {Sessions} sessions @param {unknown} info */
function onCreated(sessions, info) {
  const id = text(field(info, 'id'));
  if (id === undefined) return;
  const mark = markOf(sessions, id);
  mark.turnAtMs ??= mark.atMs;
  version = text(field(info, 'version')) ?? version;
  onInfo(sessions, info);
  plan('soon');
}

/** What is changed may be any session of the list, not only this process's own. @param {Sessions} sessions @param {unknown} info */
function onInfo(sessions, info) {
  const mark = sessions.get(String(field(info, 'id')));
  const title = text(field(info, 'title'));
  const parentId = text(field(info, 'parentID'));
  if (mark === undefined || (mark.title === title && mark.parentId === parentId)) return;
  Object.assign(mark, { title, parentId });
  plan('soon');
}

/** A prompt: the session it was typed in is the one that is shown. @param {Sessions} sessions @param {unknown} sessionId */
function onPrompt(sessions, sessionId) {
  const id = text(sessionId);
  if (id === undefined) return;
  markOf(sessions, id).turnAtMs = Date.now();
  plan('soon');
}

/** A turn that begins without a prompt (a shell command, a compaction) has a user's message too; one in mid-turn is opencode's own. @param {Sessions} sessions @param {unknown} info */
function onMessage(sessions, info) {
  const id = text(field(info, 'sessionID'));
  const createdAtMs = number(field(field(info, 'time'), 'created')) ?? 0;
  if (id === undefined || field(info, 'role') !== 'user') return;
  const mark = sessions.get(id);
  const atWork = mark?.activity !== undefined && mark.activity.kind !== 'idle';
  if (atWork || createdAtMs <= (mark?.turnAtMs ?? 0)) return;
  markOf(sessions, id).turnAtMs = createdAtMs;
  plan('soon');
}

/** @param {Sessions} sessions @param {unknown} properties */
function onError(sessions, properties) {
  const id = text(field(properties, 'sessionID'));
  const error = field(properties, 'error');
  const kind = text(field(error, 'name'));
  if (id === undefined || kind === undefined) return;
  const message = text(field(field(error, 'data'), 'message'));
  markOf(sessions, id).error = { name: kind, message, atMs: Date.now() };
  plan('soon');
}

/** @param {Sessions} sessions @param {unknown} type @param {unknown} properties */
function onEvent(sessions, type, properties) {
  switch (type) {
    case 'session.status':
      return onStatus(sessions, properties, field(properties, 'status'));
    case 'session.idle':
      return onStatus(sessions, properties, { type: 'idle' });
    case 'permission.asked':
      return onAsked(sessions, properties, 'permission');
    case 'question.asked':
      return onAsked(sessions, properties, 'question');
    case 'permission.replied':
    case 'question.replied':
    case 'question.rejected':
      return onReplied(sessions, properties);
    case 'session.created':
      return onCreated(sessions, field(properties, 'info'));
    case 'session.updated':
      return onInfo(sessions, field(properties, 'info'));
    case 'message.updated':
      return onMessage(sessions, field(properties, 'info'));
    case 'session.error':
      return onError(sessions, properties);
    case 'session.deleted':
      if (sessions.delete(String(field(field(properties, 'info'), 'id')))) plan('soon');
  }
}

/** Runs a step of ours so that nothing of it reaches opencode. @param {() => void} step @returns {Promise<void>} */
function safely(step) {
  try {
    step();
  } catch (error) {
    noteTrouble(error);
  }
  return done;
}

/** What opencode calls once for each directory; nothing here is waited for. @param {unknown} [input] */
export const OtopMarker = (input) => {
  /** @type {Sessions} */
  const sessions = new Map();
  const dispose = () => {
    instances.delete(sessions);
    if (instances.size === 0) remove();
    else plan('soon');
  };
  const onAny = (/** @type {unknown} */ event) => {
    if (!instances.has(sessions)) return;
    const type = field(event, 'type');
    const properties = field(event, 'properties');
    const directory = field(properties, 'directory');
    if (type !== 'server.instance.disposed') onEvent(sessions, type, properties);
    else if (directory === field(input, 'directory')) dispose();
  };
  if (ready === undefined) process.once('exit', remove);
  instances.add(sessions);
  ready = announce();
  return Promise.resolve({
    /** opencode 1.15 and newer; before that an event says so. */
    dispose: () => safely(dispose),
    /** @param {unknown} message */
    event: (message) => safely(() => onAny(field(message, 'event'))),
    /** @param {unknown} prompt */
    'chat.message': (prompt) => safely(() => onPrompt(sessions, field(prompt, 'sessionID'))),
  });
};

// @ts-check
// Writes the state of this opencode process to one small file in otop's state folder, so that otop can show it.
// It reads no files of opencode, calls no API and opens no connection. `otop plugin uninstall` removes it.
import { existsSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { appendFile, mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * @typedef {import('../domain/schema/marker.ts').MarkerFile} MarkerFile
 * @typedef {import('../domain/schema/marker.ts').MarkerSession} SessionEntry
 * @typedef {import('../domain/schema/marker.ts').MarkerAsk} Ask
 * @typedef {import('../domain/schema/marker.ts').MarkerActivity} Activity
 * @typedef {Map<string, SessionEntry>} Sessions
 * @typedef {(options: { signal: AbortSignal }) => unknown} Subscribe
 * @typedef {{ join: (subscribe: Subscribe) => () => void }} Service
 */

const formatVersion = 1;
/** Changes within this time are written together. Asks are written at once. */
const batchMs = 50;
/** No more than otop reads. A service of opencode 2 runs the sessions of all directories. */
const maxSessions = 200;
const maxAsks = 8;
const maxPatterns = 3;
const maxTextChars = 300;
const maxTroubles = 20;
const maxTroubleBytes = 64 * 1024;
/** The pause after an event stream ended by itself, doubled up to the second one. */
const minRestMs = 1_000;
const maxRestMs = 60_000;

/** The rule of otop's `xdgFolder`, once more, since nothing of otop is at hand inside of opencode. */
const stateHome = process.env.XDG_STATE_HOME ?? '';
const stateFolder = isAbsolute(stateHome) ? stateHome : join(homeDirectory(), '.local', 'state');
const folder = join(stateFolder, 'otop', 'markers');
/** Machines and containers may share a home, so a pid alone does not identify a process. */
const name = `${process.pid}@${machineName()}`;
const path = join(folder, `${name}.json`);
const draft = join(folder, `.${name}.draft`);

/**
 * The sessions of each directory that this process serves: opencode 1 calls the plugin once for each. A service of opencode 2
 * has one entry for all of them.
 * @type {Set<Sessions>}
 */
const instances = new Set();
const identity = { host: hostname(), pid: process.pid, startTicks: startTicks() };
const loadedAtMs = Date.now();
/** @type {string | undefined} */
let version;
/** Stays true once the folder is missing, because the plugin was uninstalled while this process runs. */
let isDisabled = false;
/** opencode 1.14 loads a plugin in two threads of a process. Only the thread that wrote the file may remove it. */
let hasWritten = false;
let isWriting = false;
/** @type {'no' | 'soon' | 'now'} */
let due = 'no';
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let troubleCount = 0;
/** @type {Promise<void> | undefined} */
let announced;
const resolved = Promise.resolve();

/** Identifies the boot and the pid namespace (Linux). On other systems a home belongs to one machine. */
function machineName() {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
    return `${boot}-${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')}`;
  } catch {
    return 'local';
  }
}

/** The home folder, or the root of the file system if there is none, as in otop itself. */
function homeDirectory() {
  try {
    return homedir() || '/';
  } catch {
    return '/';
  }
}

/** The start time in ticks, which identifies this process together with its pid; undefined without `/proc`. */
function startTicks() {
  try {
    const line = readFileSync('/proc/self/stat', 'latin1');
    return Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return undefined;
  }
}

/** A field of any value, since the next version of opencode may change its events. @param {unknown} value @param {string} key @returns {unknown} */
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

/** Logs an error of the plugin to otop's own file, since opencode's log and screen are not for it. @param {unknown} error */
function logError(error) {
  if (isDisabled || troubleCount++ >= maxTroubles) return;
  const file = join(folder, 'trouble.log');
  const line = `${new Date().toISOString()} pid ${process.pid} ${String(error).slice(0, 500)}\n`;
  Promise.resolve(announced)
    .then(() => stat(file))
    .then(
      ({ size }) => size,
      () => 0,
    )
    .then((size) => (size < maxTroubleBytes ? appendFile(file, line, { mode: 0o600 }) : undefined))
    .catch(() => undefined); // A full disk must not cause an error in opencode.
}

/** The text of the marker file. If a session is in several directories, the newest entry counts. */
function markerText() {
  /** @type {Sessions} */
  const all = new Map();
  for (const sessions of instances) {
    for (const [id, entry] of sessions) if ((all.get(id)?.atMs ?? 0) < entry.atMs) all.set(id, entry);
  }
  const sessions = [...all.values()];
  const times = { loadedAtMs, writtenAtMs: Date.now() };
  /** @type {MarkerFile} */
  const file = { otopMarker: formatVersion, ...identity, ...times, opencode: version, sessions };
  return JSON.stringify(file);
}

/** Writes the file atomically. If this fails the old file is removed, because it is stale. */
async function write() {
  isWriting = true;
  due = 'no';
  try {
    await announced;
    await writeFile(draft, markerText(), { mode: 0o600 });
    if (instances.size > 0) await rename(draft, path);
    hasWritten = true;
  } catch (error) {
    isDisabled ||= !existsSync(folder);
    logError(error);
    remove();
  }
  isWriting = false;
  if (instances.size === 0) remove();
  else if (due !== 'no') schedule(due);
}

/** Schedules a write. @param {'soon' | 'now'} when */
function schedule(when) {
  if (isDisabled || instances.size === 0) return;
  if (due !== 'now') due = when;
  if (isWriting || (timer !== undefined && when === 'soon')) return;
  clearTimeout(timer);
  timer = undefined;
  if (when === 'now') {
    void write();
    return;
  }
  timer = setTimeout(() => {
    timer = undefined;
    void write();
  }, batchMs);
  timer.unref?.();
}

/** Removes the files; synchronous, because an ending process waits for no promise. */
function remove() {
  clearTimeout(timer);
  timer = undefined;
  if (!hasWritten) return;
  try {
    rmSync(draft, { force: true });
    rmSync(path, { force: true });
  } catch (error) {
    logError(error);
  }
}

/**
 * Writes a first file, so that `otop plugin status` can report that the plugin is loaded. Another thread may have done so.
 * @param {boolean} makesFolder
 */
async function announce(makesFolder) {
  const before = announced;
  const hadWritten = hasWritten;
  try {
    if (makesFolder) await mkdir(folder, { recursive: true, mode: 0o700 });
    await before;
    isDisabled ||= !existsSync(folder);
    if (isDisabled) return;
    // Before the write: if the process exits during it, the file is there and must go.
    hasWritten = true;
    await writeFile(path, markerText(), { mode: 0o600, flag: 'wx' });
    if (instances.size === 0) remove();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) logError(error);
    else hasWritten = hadWritten;
  }
}

/**
 * The entry of a session, created if it is missing. If there are too many, the one without events for longest is evicted,
 * one at rest first.
 * @param {Sessions} sessions @param {string} id @returns {SessionEntry}
 */
function entryOf(sessions, id) {
  const entry = sessions.get(id) ?? { id, atMs: Date.now(), asks: [] };
  // Moved to the end, so that the order of the map is the order of the last events.
  sessions.delete(id);
  sessions.set(id, entry);
  if (sessions.size > maxSessions) {
    const others = [...sessions.values()].filter((each) => each !== entry);
    const evicted = others.find((each) => each.asks.length === 0 && !isWorking(each)) ?? others[0];
    if (evicted !== undefined) sessions.delete(evicted.id);
  }
  return entry;
}

/** @param {SessionEntry | undefined} entry */
function isWorking(entry) {
  return entry?.activity !== undefined && entry.activity.kind !== 'idle';
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
  const entry = entryOf(sessions, id);
  entry.atMs = Date.now();
  entry.activity = activity;
  // Only the asks of this session are dropped: a subagent may still work and ask after its root is idle.
  if (activity.kind === 'idle') entry.asks = [];
  else entry.turnAtMs ??= entry.atMs;
  schedule('soon');
}

/** @param {Sessions} sessions @param {unknown} properties @param {Ask['kind']} kind */
function onAsked(sessions, properties, kind) {
  const sessionId = text(field(properties, 'sessionID'));
  const id = text(field(properties, 'id'));
  if (sessionId === undefined || id === undefined) return;
  const entry = entryOf(sessions, sessionId);
  entry.atMs = Date.now();
  const command = field(field(properties, 'metadata'), 'command');
  const questions = list(field(properties, 'questions')).map((one) => field(one, 'question'));
  const wanted = kind === 'question' ? questions : command ? [command] : list(field(properties, 'patterns'));
  const patterns = wanted.flatMap((one) => text(one) ?? []);
  const tool = text(field(properties, 'permission'));
  const others = entry.asks.filter((one) => one.id !== id).slice(1 - maxAsks);
  entry.asks = [...others, { id, kind, tool, patterns, askedAtMs: entry.atMs }];
  schedule('now');
}

/** @param {Sessions} sessions @param {unknown} properties */
function onReplied(sessions, properties) {
  const entry = sessions.get(String(field(properties, 'sessionID')));
  const repliedId = field(properties, 'requestID');
  if (entry === undefined) return;
  entry.atMs = Date.now();
  entry.asks = entry.asks.filter(({ id }) => id !== repliedId);
  schedule('now');
}

/** @param {Sessions} sessions @param {unknown} info */
function onCreated(sessions, info) {
  const id = text(field(info, 'id'));
  if (id === undefined) return;
  const entry = entryOf(sessions, id);
  entry.turnAtMs ??= entry.atMs;
  version = text(field(info, 'version')) ?? version;
  onInfo(sessions, info);
  schedule('soon');
}

/** The changed session may belong to another process, so only known entries are updated. @param {Sessions} sessions @param {unknown} info */
function onInfo(sessions, info) {
  const entry = sessions.get(String(field(info, 'id')));
  const title = text(field(info, 'title'));
  const parentId = text(field(info, 'parentID'));
  if (entry === undefined || (entry.title === title && entry.parentId === parentId)) return;
  Object.assign(entry, { title, parentId });
  schedule('soon');
}

/** The TUI shows the session in which a prompt was typed. @param {Sessions} sessions @param {unknown} sessionId */
function onPrompt(sessions, sessionId) {
  const id = text(sessionId);
  if (id === undefined) return;
  entryOf(sessions, id).turnAtMs = Date.now();
  schedule('soon');
}

/**
 * A turn without a prompt (a shell command, a compaction) begins with a user message, too. A user message in the middle
 * of a turn comes from opencode itself and is ignored.
 * @param {Sessions} sessions @param {unknown} info
 */
function onMessage(sessions, info) {
  const id = text(field(info, 'sessionID'));
  const createdAtMs = number(field(field(info, 'time'), 'created')) ?? 0;
  if (id === undefined || field(info, 'role') !== 'user') return;
  const entry = sessions.get(id);
  if (isWorking(entry) || createdAtMs <= (entry?.turnAtMs ?? 0)) return;
  entryOf(sessions, id).turnAtMs = createdAtMs;
  schedule('soon');
}

/** @param {Sessions} sessions @param {unknown} properties */
function onError(sessions, properties) {
  const id = text(field(properties, 'sessionID'));
  const error = field(properties, 'error');
  const kind = text(field(error, 'name'));
  if (id === undefined || kind === undefined) return;
  const message = text(field(field(error, 'data'), 'message'));
  entryOf(sessions, id).error = { name: kind, message, atMs: Date.now() };
  schedule('soon');
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
      if (sessions.delete(String(field(field(properties, 'info'), 'id')))) schedule('soon');
  }
}

/**
 * An event of opencode 2 has other names, and the session's id beside its fields.
 * @param {Sessions} sessions @param {unknown} event
 */
function onServiceEvent(sessions, event) {
  const data = field(event, 'data');
  const sessionID = field(data, 'sessionID');
  const error = field(data, 'error');
  const message = field(error, 'message');
  switch (field(event, 'type')) {
    case 'session.execution.started':
    case 'session.step.started':
      return onStatus(sessions, data, { type: 'busy' });
    case 'session.retry.scheduled': {
      const [attempt, next] = [field(data, 'attempt'), field(data, 'at')];
      return onStatus(sessions, data, { type: 'retry', attempt, message, next });
    }
    case 'session.execution.failed':
      onError(sessions, { sessionID, error: { name: field(error, 'type'), data: { message } } });
      return onStatus(sessions, data, { type: 'idle' });
    case 'session.execution.succeeded':
    case 'session.execution.interrupted':
      return onStatus(sessions, data, { type: 'idle' });
    case 'session.inbox.enqueued':
      // A subagent that ends wakes its parent by itself.
      if (field(field(data, 'item'), 'type') !== 'synthetic') onPrompt(sessions, sessionID);
      return;
    case 'permission.asked': {
      const [id, permission, patterns] = ['id', 'action', 'resources'].map((key) => field(data, key));
      return onAsked(sessions, { sessionID, id, permission, patterns }, 'permission');
    }
    case 'form.created':
      return onForm(sessions, field(data, 'form'));
    case 'permission.replied':
      return onReplied(sessions, data);
    case 'form.replied':
    case 'form.cancelled':
      return onReplied(sessions, { sessionID, requestID: field(data, 'id') });
    case 'session.created': {
      const [title, parentID, version] = ['title', 'parentID', 'version'].map((key) => field(data, key));
      return onCreated(sessions, { id: sessionID, title, parentID, version });
    }
    case 'session.renamed': {
      const parentID = sessions.get(String(sessionID))?.parentId;
      return onInfo(sessions, { id: sessionID, title: field(data, 'title'), parentID });
    }
    case 'session.deleted':
      if (sessions.delete(String(sessionID))) schedule('soon');
  }
}

/** A form is a question, unless it belongs to no session. @param {Sessions} sessions @param {unknown} form */
function onForm(sessions, form) {
  const sessionID = field(form, 'sessionID');
  if (sessionID === 'global') return;
  const fields = list(field(form, 'fields')).map((one) => field(one, 'title') ?? field(one, 'description'));
  const texts = fields.some((one) => text(one) !== undefined) ? fields : [field(form, 'title')];
  const questions = texts.map((question) => ({ question }));
  onAsked(sessions, { sessionID, id: field(form, 'id'), questions }, 'question');
}

/** Runs a step of the plugin and catches its errors, so that they do not reach opencode. @param {() => void} step @returns {Promise<void>} */
function safely(step) {
  try {
    step();
  } catch (error) {
    logError(error);
  }
  return resolved;
}

/** Begins to write the marker, with these sessions in it. @param {Sessions} sessions @param {boolean} makesFolder */
function open(sessions, makesFolder) {
  if (announced === undefined) process.once('exit', remove);
  instances.add(sessions);
  announced = announce(makesFolder);
}

/** @param {Sessions} sessions */
function close(sessions) {
  instances.delete(sessions);
  if (instances.size === 0) remove();
  else schedule('soon');
}

/** The plugin of opencode 1, which calls it once for each directory. No returned promise waits for a write. @param {unknown} [input] */
const server = (input) => {
  /** @type {Sessions} */
  const sessions = new Map();
  const onAny = (/** @type {unknown} */ event) => {
    if (!instances.has(sessions)) return;
    const type = field(event, 'type');
    const properties = field(event, 'properties');
    const directory = field(properties, 'directory');
    if (type !== 'server.instance.disposed') onEvent(sessions, type, properties);
    else if (directory === field(input, 'directory')) close(sessions);
  };
  open(sessions, announced === undefined);
  return Promise.resolve({
    /** opencode 1.15 and newer calls this; older versions send an event. */
    dispose: () => safely(() => close(sessions)),
    /** @param {unknown} message */
    event: (message) => safely(() => onAny(field(message, 'event'))),
    /** @param {unknown} prompt */
    'chat.message': (prompt) => safely(() => onPrompt(sessions, field(prompt, 'sessionID'))),
  });
};

/**
 * One service of opencode 2. Each of its directories offers the same stream of all events, of which one is read. If the
 * directory of that one stops, another one takes over, and the sessions stay.
 * @returns {Service}
 */
function newService() {
  /** @type {Sessions} */
  const sessions = new Map();
  /** @type {Set<Subscribe>} */
  const members = new Set();
  /** @type {Subscribe | undefined} */
  let reader;
  let abort = new AbortController();
  let restMs = minRestMs;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let rest;

  const read = async () => {
    const [subscribe] = members;
    const before = abort;
    const own = new AbortController();
    clearTimeout(rest);
    [reader, abort] = [subscribe, own];
    if (subscribe === undefined) return before.abort();
    try {
      const stream = subscribe({ signal: own.signal });
      // Not earlier, so that no event is lost between the two streams, and not later: none may count twice.
      before.abort();
      for await (const event of /** @type {AsyncIterable<unknown>} */ (await stream)) {
        if (own.signal.aborted) return;
        restMs = minRestMs;
        void safely(() => onServiceEvent(sessions, event));
      }
    } catch (error) {
      before.abort();
      if (!own.signal.aborted) logError(error);
    }
    if (!own.signal.aborted) tryAgain(subscribe);
  };

  /** The stream of this member ended by itself, so events were lost: what it said is unknown until the next event. */
  const tryAgain = (/** @type {Subscribe} */ subscribe) => {
    for (const entry of sessions.values()) Object.assign(entry, { activity: undefined, asks: [] });
    schedule('now');
    members.delete(subscribe);
    members.add(subscribe);
    rest = setTimeout(() => void read(), restMs);
    rest.unref?.();
    restMs = Math.min(restMs * 2, maxRestMs);
  };

  return {
    join(subscribe) {
      members.add(subscribe);
      if (members.size === 1) {
        // It is installed, or installed again: opencode would not have loaded it otherwise.
        isDisabled = false;
        open(sessions, true);
        void read();
      }
      return () => {
        if (!members.delete(subscribe)) return;
        if (members.size === 0) {
          sessions.clear();
          close(sessions);
        }
        if (reader === subscribe) void read();
      };
    },
  };
}

/** opencode 2 may evaluate this file once for each directory; all of them share the first one's service. */
const serviceKey = Symbol.for('otop.plugin.service.1');

/** The plugin of opencode 2, which calls it once for each directory that it serves. @param {unknown} ctx */
const setup = async (ctx) => {
  try {
    const events = field(ctx, 'event');
    const subscribe = field(events, 'subscribe');
    // The preview of opencode 2 has no events for plugins.
    if (typeof subscribe !== 'function') return undefined;
    /** @type {Service} */
    const service = Reflect.get(globalThis, serviceKey) ?? newService();
    Reflect.set(globalThis, serviceKey, service);
    const leave = service.join((options) => subscribe.call(events, options));
    return () => safely(leave);
  } catch (error) {
    logError(error);
    return undefined;
  }
};

// `otop plugin install` replaces this line for an opencode that takes only functions.
export default { id: 'otop', setup, server };

import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import type { Board, HostStatus, Row, Subagent, Trouble } from '../board/board.ts';
import type { ServerLink } from '../board/readings.ts';
import type { ChildProcess, OpencodeProcess, TmuxPane } from '../process/process.ts';
import type { ModelRef, Session, UserMessage } from '../session/session.ts';
import type { SessionState } from '../session/state.ts';
import type { Candidate } from './candidates.ts';
import type { Judgement } from './confidence.ts';
import type { Correlation } from './correlate.ts';
import type { LogFacts } from './log-facts.ts';
import type { Evidence, Match } from './match.ts';
import { knownNames, StandIns } from './stand-ins.ts';
import type { WhyInput } from './why.ts';

const versionForm = /^(\d{1,4}\.\d{1,4}\.\d{1,6}|2 preview)$/;
const terminalForm = /^(pts\/\d{1,6}|ttys?\d{1,6})$/;

/** True for a type that can hold free text, at any depth. A fixed word is no free text. */
type HoldsText<T> = T extends string
  ? string extends T
    ? true
    : T extends DisplayText
      ? true
      : false
  : T extends ReadonlyMap<unknown, unknown>
    ? true
    : T extends readonly (infer E)[]
      ? HoldsText<E>
      : T extends object
        ? true extends { [K in keyof T]-?: HoldsText<Exclude<T[K], undefined>> }[keyof T]
          ? true
          : false
        : false;

/** Redacts the value of a field. `whole` is the object that has the field. */
type Rule<T, Whole> = (value: T, standIns: StandIns, whole: Whole) => T;

/** Numbers and fixed words may be kept, optional fields may be left out; every other field needs a rule. */
type FieldPolicy<T, Whole, IsOptional> =
  | Rule<T, Whole>
  | (true extends HoldsText<T> ? never : 'keep')
  | (IsOptional extends true ? 'leave out' : never);

/** An entry for each field of a type. A new field does not compile until it has an entry. */
export type Policy<T> = {
  readonly [K in keyof T]-?: FieldPolicy<
    Exclude<T[K], undefined>,
    T,
    object extends Pick<T, K> ? true : false
  >;
};

/** Makes a rule that redacts the fields of an object, in the order of the policy. */
function fields<T extends object>(policy: Policy<T>): Rule<T, unknown> {
  const rules = Object.entries<'keep' | 'leave out' | Rule<unknown, unknown>>(policy as object as Rules);
  return (whole, standIns) => {
    const kept: [string, unknown][] = [];
    for (const [name, rule] of rules) {
      const value: unknown = Reflect.get(whole, name);
      if (value === undefined || rule === 'leave out') continue;
      kept.push([name, rule === 'keep' ? value : rule(value, standIns, whole)]);
    }
    return Object.fromEntries(kept) as T;
  };
}

type Rules = Readonly<Record<string, 'keep' | 'leave out' | Rule<unknown, unknown>>>;

function each<T>(rule: Rule<T, unknown>): Rule<readonly T[], unknown> {
  return (values, standIns) => values.map((value) => rule(value, standIns, values));
}

const none = (): readonly never[] => [];
const empty = (): string => '';
/** Keeps a word that otop itself defines. */
const asIs = (word: string): string => word;
const id = (value: string, standIns: StandIns): string => standIns.ofId(value);
const sentence = (value: string, standIns: StandIns): DisplayText => standIns.ofSentence(value);
const standIn =
  (kind: string) =>
  (value: string, standIns: StandIns): DisplayText =>
    standIns.of(kind, value);
/** Keeps a name that opencode itself defines. */
const name = (kind: string) => (value: DisplayText, standIns: StandIns) =>
  knownNames.has(value) ? value : standIns.of(kind, value);
/** Keeps a text whose form reveals nothing. */
const formed = (form: RegExp, kind: string) => (value: DisplayText, standIns: StandIns) =>
  form.test(value) ? value : standIns.of(kind, value);

const model = fields<ModelRef>({
  providerId: standIn('provider'),
  modelId: (modelId, standIns, { providerId }) => standIns.of('model', `${providerId}/${modelId}`),
  variant: 'leave out',
});

const prompt = fields<UserMessage>({
  id: empty,
  createdAtMs: 'keep',
  seq: 'leave out',
  kind: 'keep',
  text: standIn('prompt'),
});

const session = fields<Session>({
  id,
  databasePath: empty,
  parentId: id,
  title: standIn('title'),
  directory: standIn('path'),
  directoryPath: 'leave out',
  version: formed(versionForm, 'version'),
  agent: name('agent'),
  model,
  contextModel: model,
  lastPrompt: prompt,
  newestUser: 'leave out',
  newestAssistant: 'leave out',
  lastOutput: standIn('output'),
  createdAtMs: 'keep',
  updatedAtMs: 'keep',
  activeAtMs: 'keep',
  archivedAtMs: 'keep',
  claimedAtMs: 'leave out',
  idleAtMs: 'leave out',
  viewedAtMs: 'leave out',
  turnEnd: 'leave out',
  queue: 'keep',
  interactive: 'keep',
  reverted: 'keep',
  messageCount: 'keep',
  contextTokens: 'keep',
  tokens: 'keep',
  cost: 'keep',
  todos: 'keep',
});

const state = fields<SessionState>({
  name: 'keep',
  askingFor: 'keep',
  detail: standIn('detail'),
  tool: name('tool'),
  sinceMs: 'keep',
  needsYou: 'keep',
  unread: 'keep',
  raisedFrom: fields<NonNullable<SessionState['raisedFrom']>>({ sessionId: id, title: 'leave out' }),
  rule: asIs,
});

const subagent = fields<Subagent>({ session, state, depth: 'keep', context: 'keep', cost: 'keep' });

const child = fields<ChildProcess>({ pid: 'keep', startedAtMs: 'keep', command: standIn('command') });

const pane = fields<TmuxPane>({
  socketPath: empty,
  paneId: (paneId) => (/^%\d+$/.test(paneId) ? paneId : ''),
  target: standIn('pane'),
  windowName: standIn('window'),
  title: () => sanitize(''),
  titleAtMs: 'leave out',
  active: 'keep',
});

/** The arguments by which a service and its viewers are known. */
const roles: ReadonlySet<string> = new Set([
  'serve',
  '--service',
  '--register',
  '--stdio',
  '--server',
  '--attach',
]);

function shownArgument(word: string, before: string | undefined): readonly string[] {
  if (before === '--server' || before === '--attach') return ['http://server'];
  return roles.has(word) ? [word] : [];
}

const process = fields<OpencodeProcess>({
  pid: 'keep',
  parentPid: 'keep',
  kind: 'keep',
  args: (args) => args.flatMap((word, index) => shownArgument(word, args[index - 1])),
  startedAtMs: 'keep',
  children: each(child),
  missing: each(sentence),
  cwd: 'leave out',
  cwdText: standIn('path'),
  tty: formed(terminalForm, 'terminal'),
  orphan: 'keep',
  startedByPid: 'keep',
  cpuPercent: 'keep',
  rssBytes: 'keep',
  databases: (paths) => paths.map(empty),
  logs: none,
  ports: 'keep',
  pane,
  version: formed(versionForm, 'version'),
});

const piece = fields<Evidence>({
  kind: 'keep',
  pid: 'keep',
  sessionId: id,
  strength: 'keep',
  confidence: 'keep',
  atMs: 'keep',
  why: sentence,
});

const match = fields<Match>({
  pid: 'keep',
  sessionId: id,
  confidence: 'keep',
  evidence: 'keep',
  why: sentence,
  pieces: each(piece),
});

const row = fields<Row>({
  key: (key, standIns) => (key.startsWith('pid:') ? key : standIns.ofId(key)),
  host: standIn('host'),
  elsewhere: 'leave out',
  serverUrl: 'leave out',
  process,
  match,
  session,
  state,
  unwatched: 'leave out',
  asksUnseen: standIn('reason'),
  viewerPids: 'keep',
  context: 'keep',
  cost: 'keep',
  children: each(subagent),
  tokensPerMinute: 'keep',
  branchName: 'leave out',
  streamed: 'leave out',
  treePosition: 'leave out',
});

const board = fields<Board>({
  atMs: 'keep',
  rows: each(row),
  processes: each(process),
  counts: 'keep',
  needsYouCount: 'keep',
  unreadCount: 'keep',
  today: 'keep',
  allTime: 'keep',
  totalsProgress: 'keep',
  tokensPerMinute: 'keep',
  troubles: each(
    fields<Trouble>({
      source: 'keep',
      // A host or a server puts its name and its own words into the text.
      text: (text, standIns, { source }) =>
        source === 'host' || source === 'server' ? standIns.of('reason', text) : sentence(text, standIns),
      passing: 'keep',
      staleSinceMs: 'keep',
      lookedFor: 'leave out',
    }),
  ),
  lookedFor: each(sentence),
  hosts: each(
    fields<HostStatus>({
      name: standIn('host'),
      kind: 'keep',
      link: 'keep',
      heardAtMs: 'keep',
      why: standIn('reason'),
      machineId: 'leave out',
      figures: 'leave out',
    }),
  ),
  demo: 'keep',
});

const candidate = fields<Candidate>({
  pid: 'keep',
  sessionId: id,
  judgement: fields<Judgement>({ confidence: 'keep', units: 'keep', pieces: each(piece) }),
  pieces: each(piece),
  hosted: 'keep',
});

const logFacts = fields<LogFacts>({
  pid: 'keep',
  run: () => 'run',
  exact: 'keep',
  sharedWith: 'leave out',
  complete: 'leave out',
  sessions: none,
  asks: none,
  streams: none,
  loopEndedAtMs: () => new Map(),
  lastLineAtMs: 'leave out',
});

const serverLink = fields<ServerLink>({
  state: 'keep',
  api: asIs as Rule<NonNullable<ServerLink['api']>, ServerLink>,
  version: formed(versionForm, 'version'),
  heardAtMs: 'keep',
  // A server may have written it.
  why: standIn('reason'),
});

const evidence = fields<Omit<WhyInput, 'rows'>>({
  correlation: fields<Correlation>({
    matches: each(match),
    candidates: each(candidate),
    fresh: (fresh, standIns) => new Map([...fresh].map(([pid, why]) => [pid, standIns.ofSentence(why)])),
    views: (views, standIns) =>
      new Map(
        [...views].map(([pid, { sessionId, why }]) => [
          pid,
          { sessionId: standIns.ofId(sessionId), why: standIns.ofSentence(why) },
        ]),
      ),
  }),
  processes: each(process),
  sessions: (sessions, standIns) =>
    new Map([...sessions].map(([key, one]) => [standIns.ofId(key), session(one, standIns, sessions)])),
  log: (log, standIns) => new Map([...log].map(([pid, one]) => [pid, logFacts(one, standIns, log)])),
  links: (links, standIns) =>
    new Map([...links].map(([pid, one]) => [pid, serverLink(one, standIns, links)])),
  nowMs: 'keep',
});

/**
 * Replaces the private texts of a Board and of its evidence: titles, directories, prompts, output, commands, hosts, and
 * names of models, windows and agents. The same text always gets the same stand-in (`title 2`), so that a reader can still
 * relate the parts.
 */
export class Redaction {
  readonly #standIns = new StandIns();

  /** Returns a Board without private texts. */
  board(whole: Board): Board {
    return board(whole, this.#standIns, undefined);
  }

  /** Returns the evidence without private texts. `rows` are the rows of the redacted Board. */
  evidence({ rows: _own, ...input }: WhyInput, rows: readonly Row[]): WhyInput {
    return { ...evidence(input, this.#standIns, undefined), rows };
  }

  /** Returns a sentence of otop without the private texts that were put into it. */
  sentence(text: string): DisplayText {
    return this.#standIns.ofSentence(text);
  }
}

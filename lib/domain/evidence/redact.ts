import { maskOutside } from '../../text/mask.ts';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import type { Board, Row, Subagent } from '../board/board.ts';
import type { ChildProcess, OpencodeProcess, TmuxPane } from '../process/process.ts';
import type { ModelRef, Session, UserMessage } from '../session/session.ts';
import type { SessionState } from '../session/state.ts';
import type { Candidate } from './candidates.ts';
import type { Evidence, Match } from './match.ts';
import type { WhyInput } from './why.ts';

/** Names that opencode itself gives; anything else may be a person's own. */
const knownNames: ReadonlySet<string> = new Set([
  ...['build', 'plan', 'general', 'explore', 'title', 'summary', 'compaction'],
  ...[
    'bash',
    'edit',
    'write',
    'read',
    'grep',
    'glob',
    'list',
    'patch',
    'apply_patch',
    'task',
    'question',
    'skill',
  ],
  ...[
    'todowrite',
    'todoread',
    'webfetch',
    'websearch',
    'codesearch',
    'external_directory',
    'doom_loop',
    'lsp',
  ],
]);
const versionForm = /^\d{1,4}\.\d{1,4}\.\d{1,6}$/;
const terminalForm = /^(pts\/\d{1,6}|ttys?\d{1,6})$/;
const sessionIdForm = /^ses_[0-9A-Za-z]{10,40}$/;
/** What the evidence names without quotes: arguments, logs, sessions. */
const namedThing = /(-s|log|names) (\S+)/g;
/** A session, a run of the shared log, a log that is named after its time; or no name, but our next word. */
const harmlessName =
  /^(ses_[0-9A-Za-z]{10,40}|[0-9a-f]{8}|[\d-]+T\d+(\.log)?|names|the|is|was|of|says|said|tells|cannot),?$/;

/**
 * Takes out of a Board, and of the evidence behind it, everything that is a person's own: titles, directories, prompts,
 * output, commands, hosts, names of models, windows and agents. The same text gets the same stand-in (`title 2`), so that
 * what belongs together still shows. Built up field by field: a field that is new is left out until it is let in here.
 */
export class Redaction {
  readonly #standIns = new Map<string, DisplayText>();
  readonly #counts = new Map<string, number>();

  board(board: Board): Board {
    const { atMs, counts, needsYouCount, unreadCount, today, allTime, totalsProgress, tokensPerMinute } =
      board;
    return {
      atMs,
      rows: board.rows.map((row) => this.#row(row)),
      processes: board.processes.map((process) => this.#process(process)),
      counts,
      needsYouCount,
      unreadCount,
      ...(today && { today }),
      ...(allTime && { allTime }),
      ...(totalsProgress !== undefined && { totalsProgress }),
      tokensPerMinute,
      troubles: board.troubles.map((trouble) => ({ ...trouble, text: this.sentence(trouble.text) })),
      hosts: board.hosts.map(({ name, kind, link, heardAtMs, why }) => ({
        name: this.#standIn('host', name),
        kind,
        link,
        ...(heardAtMs !== undefined && { heardAtMs }),
        ...(why !== undefined && { why: this.#standIn('reason', why) }),
      })),
      demo: board.demo,
    };
  }

  /** `rows` are those of the redacted Board. */
  evidence({ correlation, processes, sessions, log, nowMs }: WhyInput, rows: readonly Row[]): WhyInput {
    const { matches, candidates, fresh } = correlation;
    return {
      correlation: {
        matches: matches.map((match) => this.#match(match)),
        candidates: candidates.map((candidate) => this.#candidate(candidate)),
        fresh: new Map([...fresh].map(([pid, reason]) => [pid, this.sentence(reason)])),
      },
      processes: processes.map((process) => this.#process(process)),
      sessions: new Map([...sessions].map(([id, session]) => [this.#id(id), this.#session(session)])),
      log: new Map(
        [...log].map(([pid, { exact }]) => [
          pid,
          { pid, run: 'run', exact, sessions: [], asks: [], streams: [], loopEndedAtMs: new Map() },
        ]),
      ),
      rows,
      nowMs,
    };
  }

  /** A sentence of ours without what was put into it. */
  sentence(text: string): DisplayText {
    const named = text.replace(namedThing, (all, word: string, name: string) =>
      harmlessName.test(name) ? all : `${word} ${this.#standIn('name', name)}`,
    );
    return sanitize(maskOutside(named));
  }

  #standIn(kind: string, value: string): DisplayText {
    const key = `${kind} ${value}`;
    const before = this.#standIns.get(key);
    if (before !== undefined) return before;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const standIn = sanitize(`${kind} ${count}`);
    this.#standIns.set(key, standIn);
    return standIn;
  }

  #id(id: string): string {
    return sessionIdForm.test(id) ? id : this.#standIn('session', id);
  }

  #name(kind: string, value: DisplayText): DisplayText {
    return knownNames.has(value) ? value : this.#standIn(kind, value);
  }

  #row(row: Row): Row {
    const { key, process, match, session, state, context, cost, children, tokensPerMinute } = row;
    return {
      key: key.startsWith('pid:') ? key : this.#id(key),
      host: this.#standIn('host', row.host),
      ...(process && { process: this.#process(process) }),
      ...(match && { match: this.#match(match) }),
      ...(session && { session: this.#session(session) }),
      state: this.#state(state),
      context,
      ...(cost && { cost }),
      children: children.map((child) => this.#subagent(child)),
      ...(tokensPerMinute && { tokensPerMinute }),
    };
  }

  #subagent({ session, state, depth }: Subagent): Subagent {
    return { session: this.#session(session), state: this.#state(state), depth };
  }

  #state({
    name,
    askingFor,
    detail,
    tool,
    sinceMs,
    needsYou,
    unread,
    raisedFrom,
    rule,
  }: SessionState): SessionState {
    return {
      name,
      ...(askingFor && { askingFor }),
      ...(detail !== undefined && { detail: this.#standIn('detail', detail) }),
      ...(tool !== undefined && { tool: this.#name('tool', tool) }),
      ...(sinceMs !== undefined && { sinceMs }),
      needsYou,
      unread,
      ...(raisedFrom && { raisedFrom: { sessionId: this.#id(raisedFrom.sessionId) } }),
      rule,
    };
  }

  #session(session: Session): Session {
    const { title, directory, version, agent, model, contextModel, lastPrompt, lastOutput, parentId } =
      session;
    return {
      ...this.#figures(session),
      id: this.#id(session.id),
      databasePath: '',
      ...(parentId !== undefined && { parentId: this.#id(parentId) }),
      ...(title !== undefined && { title: this.#standIn('title', title) }),
      ...(directory !== undefined && { directory: this.#standIn('path', directory) }),
      ...(version !== undefined && {
        version: versionForm.test(version) ? version : this.#standIn('version', version),
      }),
      ...(agent !== undefined && { agent: this.#name('agent', agent) }),
      ...(model && { model: this.#model(model) }),
      ...(contextModel && { contextModel: this.#model(contextModel) }),
      ...(lastPrompt && { lastPrompt: this.#prompt(lastPrompt) }),
      ...(lastOutput !== undefined && { lastOutput: this.#standIn('output', lastOutput) }),
    };
  }

  /** Numbers and times, which say nothing of what is worked on. */
  #figures(session: Session) {
    const { createdAtMs, updatedAtMs, activeAtMs, archivedAtMs, messageCount, contextTokens } = session;
    const { interactive, reverted, tokens, cost, todos } = session;
    return {
      interactive,
      reverted,
      ...(createdAtMs !== undefined && { createdAtMs }),
      ...(updatedAtMs !== undefined && { updatedAtMs }),
      ...(activeAtMs !== undefined && { activeAtMs }),
      ...(archivedAtMs !== undefined && { archivedAtMs }),
      ...(messageCount !== undefined && { messageCount }),
      ...(contextTokens !== undefined && { contextTokens }),
      ...(tokens && { tokens }),
      ...(cost !== undefined && { cost }),
      ...(todos && { todos }),
    };
  }

  #prompt({ createdAtMs, kind, text }: UserMessage): UserMessage {
    return {
      id: '',
      kind,
      ...(createdAtMs !== undefined && { createdAtMs }),
      ...(text !== undefined && { text: this.#standIn('prompt', text) }),
    };
  }

  #model({ providerId, modelId }: ModelRef): ModelRef {
    return {
      providerId: this.#standIn('provider', providerId),
      modelId: this.#standIn('model', `${providerId}/${modelId}`),
    };
  }

  #process(process: OpencodeProcess): OpencodeProcess {
    const { pid, parentPid, kind, startedAtMs, cwdText, tty, orphan, startedByPid, cpuPercent, rssBytes } =
      process;
    return {
      pid,
      kind,
      args: [],
      orphan,
      databases: [],
      logs: [],
      ports: process.ports,
      children: process.children.map((child) => this.#child(child)),
      missing: process.missing.map((text) => this.sentence(text)),
      ...(parentPid !== undefined && { parentPid }),
      ...(startedAtMs !== undefined && { startedAtMs }),
      ...(cwdText !== undefined && { cwdText: this.#standIn('path', cwdText) }),
      ...(tty !== undefined && { tty: terminalForm.test(tty) ? tty : this.#standIn('terminal', tty) }),
      ...(startedByPid !== undefined && { startedByPid }),
      ...(cpuPercent !== undefined && { cpuPercent }),
      ...(rssBytes !== undefined && { rssBytes }),
      ...(process.pane && { pane: this.#pane(process.pane) }),
    };
  }

  #child({ pid, startedAtMs, command }: ChildProcess): ChildProcess {
    return {
      pid,
      command: this.#standIn('command', command),
      ...(startedAtMs !== undefined && { startedAtMs }),
    };
  }

  #pane({ paneId, target, windowName, active }: TmuxPane): TmuxPane {
    return {
      socketPath: '',
      paneId: /^%\d+$/.test(paneId) ? paneId : '',
      target: this.#standIn('pane', target),
      windowName: this.#standIn('window', windowName),
      title: sanitize(''),
      active,
    };
  }

  #match({ pid, sessionId, confidence, evidence, why, pieces }: Match): Match {
    return {
      pid,
      sessionId: this.#id(sessionId),
      confidence,
      evidence,
      why: this.sentence(why),
      pieces: pieces.map((piece) => this.#piece(piece)),
    };
  }

  #piece({ kind, pid, sessionId, strength, confidence, atMs, why }: Evidence): Evidence {
    return {
      kind,
      pid,
      sessionId: this.#id(sessionId),
      strength,
      confidence,
      ...(atMs !== undefined && { atMs }),
      why: this.sentence(why),
    };
  }

  #candidate({ pid, sessionId, judgement, pieces, hosted }: Candidate): Candidate {
    return {
      pid,
      sessionId: this.#id(sessionId),
      ...(judgement && {
        judgement: { ...judgement, pieces: judgement.pieces.map((piece) => this.#piece(piece)) },
      }),
      pieces: pieces.map((piece) => this.#piece(piece)),
      hosted,
    };
  }
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from '../domain/board/board.ts';
import { resumeCommand } from '../domain/process/commands.ts';
import type { ActOutcome, Answer, PendingAsk, SessionActs } from '../domain/session/acts.ts';
import type { Effect } from '../domain/ui/action.ts';
import { presentProcess } from '../sources/process/present.ts';
import type { Context } from '../system/context.ts';
import { stateFolder } from '../system/folders.ts';
import { type Logger, openLogger } from '../system/logger.ts';
import { sanitize } from '../text/sanitize.ts';
import { type CopyRoute, copyText } from './desktop/clipboard.ts';
import { endProcess } from './desktop/end-process.ts';
import { jumpTo } from './desktop/jump.ts';

/** The functions of the screen that actions use. */
export interface ActionScreen {
  notice(text: string): void;
  /** Copies a text through the terminal (OSC 52). */
  copy(text: string): void;
  /** Polls all sources now, because an action changed something. */
  refresh(): void;
  /** Called after a jump to the row's pane. */
  jumped(row: Row): void;
  /** Called after `asks` were answered; `left` are still pending. */
  answered(asks: readonly PendingAsk[], left: readonly PendingAsk[]): void;
}

const noServers: ActOutcome = {
  done: false,
  text: sanitize('otop connects to no server with --no-servers'),
};

/** The words for each way a text was copied. */
const copyWords: Readonly<Record<CopyRoute, string>> = {
  clipboard: 'copied',
  tmux: "copied to tmux's buffer",
  terminal: 'sent to the terminal to copy',
};

/**
 * Performs the actions that the user starts with a key on sessions and processes, and shows each result as a notice.
 */
export class SessionActions {
  readonly #context: Context;
  readonly #acts: SessionActs | undefined;
  readonly #answers: AnswerRecord;
  readonly #screen: ActionScreen;

  /** `acts` is undefined with `--no-servers`; asks cannot be answered then. */
  constructor(
    context: Context,
    acts: SessionActs | undefined,
    { screen, answers }: { readonly screen: ActionScreen; readonly answers: AnswerRecord },
  ) {
    this.#context = context;
    this.#acts = acts;
    this.#answers = answers;
    this.#screen = screen;
  }

  /** All asks that can be answered now. */
  asks(): readonly PendingAsk[] {
    return this.#acts?.asks() ?? [];
  }

  /** Copies the row's session id or resume command, and says which way it went. */
  async copy(row: Row | undefined, what: 'id' | 'resume command'): Promise<void> {
    const session = row?.session;
    if (!session) return;
    const text = what === 'id' ? session.id : resumeCommand(row, session);
    this.#screen.notice(`${copyWords[await this.#copyText(text)]}: ${text}`);
  }

  #copyText(text: string): Promise<CopyRoute> {
    const { env, machine } = this.#context;
    return copyText(text, {
      env,
      platform: machine.platform,
      writeToTerminal: (content) => this.#screen.copy(content),
    });
  }

  /** Brings the row's tmux pane to the front; if that fails, shows and copies the command to type instead. */
  async jump(row: Row | undefined): Promise<void> {
    if (!row) return;
    const { env, clock, machine } = this.#context;
    const jump = await jumpTo(row, { env, run: machine.run, monotonicMs: clock.monotonicMs });
    if (jump.kind === 'jumped') this.#screen.jumped(row);
    if (jump.kind === 'jumped') this.#screen.notice(jump.text);
    else if (jump.command === undefined)
      this.#screen.notice(jump.outdated ? `${jump.text}; press r to refresh` : jump.text);
    else this.#screen.notice(`${jump.text} (${copyWords[await this.#copyText(jump.command)]})`);
  }

  /** Sends one answer to all these asks, and reports the result. */
  async answer(asks: readonly PendingAsk[], answer: Answer): Promise<void> {
    const outcomes = await Promise.all(
      asks.map(({ sessionId, ask }) => this.#acts?.answer(sessionId, ask, answer) ?? noServers),
    );
    this.#report(outcomes);
    // A failure stays on the screen; the inbox does not open over it.
    if (outcomes.some(({ done }) => !done)) return;
    const left = this.asks().filter(({ ask }) => !asks.some((one) => one.ask.id === ask.id));
    this.#screen.answered(asks, left);
  }

  /** Aborts a session's running turn, and reports the result. */
  async abort(sessionId: string): Promise<void> {
    this.#report([(await this.#acts?.abort(sessionId)) ?? noServers]);
  }

  #report(outcomes: readonly ActOutcome[]): void {
    for (const outcome of outcomes) this.#answers.note(outcome);
    const failed = outcomes.find(({ done }) => !done);
    const more = outcomes.length > 1 ? `, and ${outcomes.length - 1} more` : '';
    this.#screen.notice(failed?.text ?? `${outcomes[0]?.text ?? ''}${more}`);
    this.#screen.refresh();
  }

  /** Signals the process that the user saw, and shows the result. */
  async endProcess(seen: Extract<Effect, { readonly type: 'end-process' }>): Promise<void> {
    const { clock, machine } = this.#context;
    this.#screen.notice(`${seen.signal} to pid ${seen.pid} …`);
    const text = await endProcess(seen, seen.signal, {
      find: (pid) => presentProcess(pid, { ...machine, nowMs: clock.nowMs() }),
      kill: (pid, signal) => process.kill(pid, signal),
      userId: process.getuid?.(),
      pause: (ms) => new Promise((resolve) => clock.after(ms, resolve)),
    });
    this.#screen.refresh();
    this.#screen.notice(text);
  }
}

/** A record of the answers given through otop, so that the user can find out later who allowed a command. */
export interface AnswerRecord {
  note(outcome: ActOutcome): void;
}

/** Records nothing: answers to a simulated session do not belong in the user's record. */
export const noRecord: AnswerRecord = { note: () => undefined };

/**
 * Writes answers to `answers.log` in otop's state folder, in the format of otop's own log. otop's own log gets no
 * text of the answer, only that there was one. The file is opened at the first answer; a failure is logged in otop's
 * own log.
 */
export function answerRecord({ env, homeDir, clock, logger }: Context): AnswerRecord {
  let file: Logger | undefined;
  return {
    note({ done, text }) {
      logger?.log(done ? 'info' : 'warn', 'answer', { done });
      try {
        const folder = stateFolder(env, homeDir);
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        file ??= openLogger({ path: join(folder, 'answers.log'), level: 'info', nowMs: clock.nowMs });
        file.log(done ? 'info' : 'warn', text);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        logger?.log('warn', 'answers.log cannot be written', { why });
      }
    },
  };
}

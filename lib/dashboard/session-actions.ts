import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from '../domain/board/board.ts';
import { resumeCommand } from '../domain/process/commands.ts';
import type { ActOutcome, Answer, PendingAsk, SessionActs } from '../domain/session/acts.ts';
import type { Effect } from '../domain/ui/action.ts';
import { procRoot } from '../monitor/machine-processes.ts';
import { presentProcess } from '../sources/process/present.ts';
import type { Context } from '../system/context.ts';
import { stateFolder } from '../system/folders.ts';
import { type Logger, openLogger } from '../system/logger.ts';
import { runCommand } from '../system/run-program.ts';
import { sanitize } from '../text/sanitize.ts';
import { type CopyRoute, copyText } from './desktop/clipboard.ts';
import { endProcess } from './desktop/end-process.ts';
import { jumpTo } from './desktop/jump.ts';

/** What acts need of the screen that they were asked for on. */
export interface ActScreen {
  notice(text: string): void;
  /** Asks the terminal itself to take a text. */
  copy(text: string): void;
  /** Looks at everything anew: something was done. */
  refresh(): void;
  /** A jump brought the person there. */
  jumped(row: Row): void;
  /** Answers arrived, and these still wait. */
  answered(asks: readonly PendingAsk[], left: readonly PendingAsk[]): void;
}

const noServers: ActOutcome = {
  done: false,
  text: sanitize('no server is looked for with --no-servers or --demo'),
};

/** How a copied text went, in words. */
const copied: Readonly<Record<CopyRoute, string>> = {
  clipboard: 'copied',
  tmux: "copied to tmux's buffer",
  terminal: 'offered to the terminal',
};

/** Does to sessions and processes what a person asks for by a key, and says on the screen what came of it. */
export class PersonActs {
  readonly #context: Context;
  readonly #acts: SessionActs | undefined;
  readonly #answers: AnswerRecord;
  readonly #screen: ActScreen;

  /** Without `acts` no server is looked for, and nothing can be answered. */
  constructor(context: Context, acts: SessionActs | undefined, screen: ActScreen) {
    this.#context = context;
    this.#acts = acts;
    this.#answers = answerRecord(context);
    this.#screen = screen;
  }

  /** All that can be answered now. */
  asks(): readonly PendingAsk[] {
    return this.#acts?.asks() ?? [];
  }

  async copy(row: Row | undefined, what: 'id' | 'resume command'): Promise<void> {
    const session = row?.session;
    if (!session) return;
    const text = what === 'id' ? session.id : resumeCommand(row, session);
    this.#screen.notice(`${copied[await this.#copyText(text)]}: ${text}`);
  }

  #copyText(text: string): Promise<CopyRoute> {
    const { env } = this.#context;
    return copyText(text, {
      env,
      platform: process.platform,
      writeToTerminal: (content) => this.#screen.copy(content),
    });
  }

  async jump(row: Row | undefined): Promise<void> {
    if (!row) return;
    const { env, clock } = this.#context;
    const jump = await jumpTo(row, { env, run: runCommand, monotonicMs: clock.monotonicMs });
    if (jump.kind === 'jumped') this.#screen.jumped(row);
    if (jump.kind === 'jumped') this.#screen.notice(jump.text);
    else if (jump.command === undefined)
      this.#screen.notice(jump.outdated ? `${jump.text}; r looks again` : jump.text);
    else this.#screen.notice(`${jump.text} (${copied[await this.#copyText(jump.command)]})`);
  }

  async answer(asks: readonly PendingAsk[], answer: Answer): Promise<void> {
    const outcomes = await Promise.all(
      asks.map(({ sessionId, ask }) => this.#acts?.answer(sessionId, ask, answer) ?? noServers),
    );
    this.#tell(outcomes);
    // What went wrong is read before anything else is asked.
    if (outcomes.some(({ done }) => !done)) return;
    const left = this.asks().filter(({ ask }) => !asks.some((one) => one.ask.id === ask.id));
    this.#screen.answered(asks, left);
  }

  async abort(sessionId: string): Promise<void> {
    this.#tell([(await this.#acts?.abort(sessionId)) ?? noServers]);
  }

  #tell(outcomes: readonly ActOutcome[]): void {
    for (const outcome of outcomes) this.#answers.note(outcome);
    const failed = outcomes.find(({ done }) => !done);
    const more = outcomes.length > 1 ? `, and ${outcomes.length - 1} more` : '';
    this.#screen.notice(failed?.text ?? `${outcomes[0]?.text ?? ''}${more}`);
    this.#screen.refresh();
  }

  async endProcess(seen: Extract<Effect, { readonly type: 'end-process' }>): Promise<void> {
    const { clock } = this.#context;
    this.#screen.notice(`${seen.signal} to pid ${seen.pid} …`);
    const text = await endProcess(seen, seen.signal, {
      look: (pid) => presentProcess(pid, { platform: process.platform, procRoot, nowMs: clock.nowMs() }),
      kill: (pid, signal) => process.kill(pid, signal),
      userId: process.getuid?.(),
      pause: (ms) => new Promise((resolve) => clock.after(ms, resolve)),
    });
    this.#screen.refresh();
    this.#screen.notice(text);
  }
}

/** What a person answered by otop, kept for them alone: who allowed a command is asked later. */
export interface AnswerRecord {
  note(outcome: ActOutcome): void;
}

/**
 * Writes to `answers.log` in otop's state folder, in the form of otop's own log, which holds nothing of what is asked and
 * so only notes that it was. The file is opened at the first answer; one that cannot be is told of in otop's log.
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

import type { Options } from '../../lib/config/options.ts';
import { DetailReader } from '../../lib/dashboard/detail-reader.ts';
import { BoardEnricher } from '../../lib/dashboard/enrich-board.ts';
import { Screen } from '../../lib/dashboard/screen.ts';
import { noRecord, SessionActions } from '../../lib/dashboard/session-actions.ts';
import { openingUiState } from '../../lib/dashboard/single-frame.ts';
import { settled } from '../../lib/domain/schema/configuration.ts';
import type { Answer, PendingAsk } from '../../lib/domain/session/acts.ts';
import type { Action, Effect } from '../../lib/domain/ui/action.ts';
import { type OpenMonitor, openMonitor } from '../../lib/monitor/open-monitor.ts';
import { takeFirstBoard } from '../../lib/monitor/take-board.ts';
import type { Context } from '../../lib/system/context.ts';
import { sanitize } from '../../lib/text/sanitize.ts';
import { ansiText, type StyledCell, styledCells } from '../../lib/view/frame.ts';
import { unicodeGlyphs } from '../../lib/view/glyphs.ts';
import { themeStyles } from '../../lib/view/themes.ts';
import { type HandClock, handClock } from '../../spec/support/clock.ts';
import { emptyMachine } from '../../spec/support/machine.ts';
import type { FilmSet, FilmStep } from './storyboard.ts';

// The sums of today begin at midnight, in this zone.
process.env.TZ = 'UTC';

/** A key in the caption, or a typed text, with how often it was pressed in a row. */
interface ShownKey {
  readonly text: string;
  readonly times: number;
  /** True for the key that was pressed last. */
  readonly isLast: boolean;
}

/** The line below the terminal. */
export interface Caption {
  readonly text: string;
  readonly keys: readonly ShownKey[];
}

/** One frame of a film, shown until the next one. */
interface FilmFrame {
  /** Since the first frame. */
  readonly atMs: number;
  /** The terminal's rows. Rows of a film that look the same are the same object. */
  readonly cells: readonly (readonly StyledCell[])[];
  readonly caption: Caption;
}

/** A recorded film. */
export interface Film {
  readonly cols: number;
  readonly rows: number;
  /** In order of time; no frame equals the one before it. */
  readonly frames: readonly FilmFrame[];
  readonly durationMs: number;
  /** Index of the frame that is shown where nothing may move. */
  readonly stillFrame: number;
}

/** The dashboard polls its sources at least once a second, and sooner after a commit. */
const pollMs = 500;

/**
 * Plays a keyboard script on the dashboard's own screen, which shows a simulated fleet in a folder below `temporaryDir`,
 * and records each frame. Only the hand clock moves time, so the same script always gives the same film. Throws if a key
 * of the script does nothing, if it does what a film cannot show, or if no session asks in time.
 */
export async function recordFilm(
  set: FilmSet,
  steps: readonly FilmStep[],
  temporaryDir: string,
): Promise<Film> {
  const clock = handClock(set.openingMs);
  const context: Context = {
    env: { TMPDIR: temporaryDir },
    homeDir: '/nonexistent',
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    clock,
    machine: emptyMachine,
  };
  const options: Options = { demo: true, seed: set.seed, color: true, mouse: false };
  const open = await openMonitor(options, context, true);
  try {
    await playPrologue(set, clock, open);
    const board = await takeFirstBoard(open.monitor, clock.nowMs());
    const detail = new DetailReader(
      {
        details: open.details,
        mcpServers: open.mcpServers,
        pane: undefined,
        evidence: () => open.monitor.evidence(board),
      },
      { glyphs: unicodeGlyphs, utcOffsetMinutes: 0 },
    );
    // The folders of the simulated fleet do not exist; one of the same name on this machine must not show.
    const enricher = new BoardEnricher({ options, git: { of: () => undefined } });
    const screen = new Screen(board, openingUiState(options, settled()), { enricher, detail });
    const recorder = new Recorder(set, { clock, context, open, screen });
    await recorder.play(steps);
    return recorder.film();
  } finally {
    open.monitor.close();
  }
}

/** Plays what comes before the first frame: the fleet goes on, and its first asks are answered. */
async function playPrologue(
  { answersAtMs, startsAtMs }: FilmSet,
  clock: HandClock,
  { acts }: OpenMonitor,
): Promise<void> {
  await clock.advance(answersAtMs);
  for (const { sessionId, ask } of acts?.asks() ?? []) {
    const firstOptions = (ask.questions ?? []).map(({ options }) => [options[0]?.label ?? '']);
    const answer: Answer =
      ask.kind === 'permission' ? { kind: 'allow once' } : { kind: 'answers', answers: firstOptions };
    await acts?.answer(sessionId, ask, answer);
  }
  await clock.advance(startsAtMs - answersAtMs);
}

interface Stage {
  readonly clock: HandClock;
  readonly context: Context;
  readonly open: OpenMonitor;
  readonly screen: Screen;
}

/** Does for a film what the `App` does for a terminal: polls, performs effects, draws. */
class Recorder {
  readonly #set: FilmSet;
  readonly #stage: Stage;
  readonly #actions: SessionActions;
  readonly #frames: FilmFrame[] = [];
  /** Each row so far by its look. */
  readonly #rows = new Map<string, readonly StyledCell[]>();
  #caption: Caption = { text: '', keys: [] };
  #stillFrame = 0;
  #nextPollMs = 0;

  constructor(set: FilmSet, stage: Stage) {
    this.#set = set;
    this.#stage = stage;
    const screen = {
      notice: (text: string) => this.#notice(text),
      copy: () => undefined,
      // The next poll is due at once.
      refresh: () => {
        this.#nextPollMs = this.#filmMs();
      },
      jumped: () => undefined,
      answered: (asks: readonly PendingAsk[], left: readonly PendingAsk[]) => {
        if (left.length > 0) void this.#act({ type: 'inbox-open', asks: left, answered: asks });
      },
    };
    this.#actions = new SessionActions(stage.context, stage.open.acts, { screen, answers: noRecord });
  }

  async play(steps: readonly FilmStep[]): Promise<void> {
    await this.#poll();
    for (const step of steps) await this.#step(step);
  }

  film(): Film {
    const { cols, rows } = this.#set;
    const durationMs = this.#filmMs();
    return { cols, rows, frames: this.#frames, durationMs, stillFrame: this.#stillFrame };
  }

  async #step(step: FilmStep): Promise<void> {
    if ('caption' in step) {
      this.#caption = { text: step.caption, keys: [] };
      this.#draw();
    } else if ('waitMs' in step) {
      await this.#wait(step.waitMs);
    } else if ('untilAsking' in step) {
      await this.#waitForAsks(step.untilAsking, step.limitMs);
    } else if ('press' in step) {
      for (let nth = 0; nth < (step.times ?? 1); nth++) {
        this.#showKey(step.press);
        await this.#press(step.press);
        await this.#wait(step.everyMs);
      }
    } else if ('type' in step) {
      await this.#type(step.type, step.everyMs);
    } else {
      this.#stillFrame = this.#frames.length - 1;
    }
  }

  async #type(text: string, everyMs: number): Promise<void> {
    const before = this.#caption;
    for (let typed = 1; typed <= text.length; typed++) {
      this.#caption = before;
      this.#showKey(text.slice(0, typed));
      await this.#press(text[typed - 1] === ' ' ? 'Space' : (text[typed - 1] ?? ''));
      await this.#wait(everyMs);
    }
  }

  async #waitForAsks(count: number, limitMs: number): Promise<void> {
    const isEnough = () =>
      this.#stage.screen.board.rows.filter(({ state }) => state.name === 'asking').length >= count;
    const untilMs = this.#filmMs() + limitMs;
    while (!isEnough()) {
      if (this.#filmMs() >= untilMs)
        throw new Error(
          `no session asks ${limitMs} ms before ${untilMs} ms of the film: choose another seed in scripts/film/storyboard.ts`,
        );
      await this.#wait(pollMs / 5);
    }
  }

  #showKey(text: string): void {
    const keys = this.#caption.keys.map((key) => ({ ...key, isLast: false }));
    const last = keys.at(-1);
    const isRepeated = last?.text === text;
    const shown = { text, times: isRepeated ? last.times + 1 : 1, isLast: true };
    this.#caption = { ...this.#caption, keys: [...(isRepeated ? keys.slice(0, -1) : keys), shown] };
  }

  async #press(key: string): Promise<void> {
    const pressed = this.#stage.screen.actionOf(key);
    if (!pressed || 'disabled' in pressed)
      throw new Error(
        `the key ${key} does nothing at ${this.#filmMs()} ms of the film: ${pressed?.disabled ?? 'it is not bound'}`,
      );
    await this.#act(pressed.action);
    this.#draw();
  }

  async #act(action: Action): Promise<void> {
    const { clock, screen } = this.#stage;
    for (const effect of screen.act(action, clock.nowMs())) await this.#perform(effect);
  }

  async #perform(effect: Effect): Promise<void> {
    if (effect.type === 'inbox') await this.#act({ type: 'inbox-open', asks: this.#actions.asks() });
    else if (effect.type === 'answer') await this.#actions.answer(effect.asks, effect.answer);
    else if (effect.type === 'seen') this.#markViewed(effect.key);
    else throw new Error(`a film cannot show the effect ${effect.type}`);
  }

  #markViewed(key: string): void {
    const { open, screen } = this.#stage;
    const session = screen.rowOf(key)?.session;
    if (session) open.viewed.note(session.id, this.#stage.clock.nowMs());
  }

  #notice(text: string): void {
    this.#stage.screen.act({ type: 'notice', text: sanitize(text) }, this.#stage.clock.nowMs());
  }

  /** Lets time pass, and polls whenever a poll is due. */
  async #wait(ms: number): Promise<void> {
    const untilMs = this.#filmMs() + ms;
    while (this.#filmMs() < untilMs) {
      const toMs = Math.max(this.#filmMs(), Math.min(untilMs, this.#nextPollMs));
      await this.#stage.clock.advance(toMs - this.#filmMs());
      if (this.#filmMs() < this.#nextPollMs) continue;
      await this.#poll();
      this.#draw();
    }
  }

  async #poll(): Promise<void> {
    const { clock, open, screen } = this.#stage;
    this.#nextPollMs = this.#filmMs() + pollMs;
    await open.monitor.refresh(
      { processes: 'full', logs: true, live: true, sessions: 'history' },
      clock.nowMs,
    );
    screen.show(open.monitor.board(clock.nowMs()), [], clock.nowMs());
  }

  /** Records a frame, unless it equals the last one. */
  #draw(): void {
    const { clock, screen } = this.#stage;
    const { cols, rows } = this.#set;
    const nowMs = clock.nowMs();
    const view = screen.frame({ cols, rows, nowMs, utcOffsetMinutes: 0, glyphs: unicodeGlyphs });
    const frame: FilmFrame = {
      atMs: this.#filmMs(),
      cells: styledCells(view, themeStyles('default')).map((row) => this.#known(row)),
      caption: this.#caption,
    };
    if (this.#frames.at(-1)?.atMs === frame.atMs) this.#frames.pop();
    const last = this.#frames.at(-1);
    if (!last || !looksAlike(last, frame)) this.#frames.push(frame);
  }

  /** The first row that looks like this one: rows that look the same are the same object. */
  #known(row: StyledCell[]): readonly StyledCell[] {
    const look = ansiText(row);
    const known = this.#rows.get(look) ?? row;
    this.#rows.set(look, known);
    return known;
  }

  /** Time since the first frame. */
  #filmMs(): number {
    const { openingMs, startsAtMs } = this.#set;
    return this.#stage.clock.nowMs() - openingMs - startsAtMs;
  }
}

function looksAlike(one: FilmFrame, other: FilmFrame): boolean {
  return one.caption === other.caption && one.cells.every((row, index) => row === other.cells[index]);
}

import type { Abilities } from '../../widgets/abilities.ts';
import { createDashboard, type Dashboard } from '../../widgets/dashboard.ts';
import { guardTerminal, type Lifecycle } from '../../widgets/lifecycle.ts';
import { createTerminal, type Terminal } from '../../widgets/terminal.ts';
import { writeConfig } from '../config/config-file.ts';
import type { Options } from '../config/options.ts';
import { configTroubles, type LoadedSettings, loadSettings } from '../config/settings.ts';
import { type ViewMemory, viewMemory, viewOf } from '../config/view-memory.ts';
import type { Board, Row } from '../domain/board/board.ts';
import type { Settings, SomeSettings } from '../domain/schema/configuration.ts';
import type { PendingAsk } from '../domain/session/acts.ts';
import type { Action, Effect } from '../domain/ui/action.ts';
import { type LiveBoard, startLiveBoard } from '../monitor/live-board.ts';
import type { OpenMonitor } from '../monitor/open-monitor.ts';
import { tickMultiplier } from '../monitor/refresh-policy.ts';
import { viewedRecord } from '../monitor/viewed-times.ts';
import { GitBranches } from '../sources/git-branch.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { crashMessage } from '../system/crash-report.ts';
import { exitProcess } from '../system/exit.ts';
import { guardHeap, loadPerCore, type OwnMeter, ownMeter, processUse } from '../system/own-use.ts';
import { terminalWatchdog } from '../system/run-program.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';
import { tickerStepMs } from '../text/ticker.ts';
import { DetailReader } from './detail-reader.ts';
import { BoardEnricher } from './enrich-board.ts';
import { LivePane } from './live-pane.ts';
import { Screen } from './screen.ts';
import { answerRecord, noRecord, SessionActions } from './session-actions.ts';
import { openingUiState, utcOffsetMinutes } from './single-frame.ts';
import { StreamedLines } from './streamed-lines.ts';
import { type TerminalStyle, terminalStyle } from './terminal-style.ts';

/** The options, settings and terminal abilities that the dashboard starts with. */
interface Start {
  readonly options: Options;
  readonly loaded: LoadedSettings;
  readonly abilities: Abilities;
  /** Returns a hint for the user of this Board, if there is one; called for each Board. */
  readonly hint?: (board: Board) => DisplayText | undefined;
}

/** Long enough to be read by somebody who looks at the rows first; Esc ends it. */
const hintMs = 30_000;

/** The function that performs each type of effect. */
type EffectTable = { readonly [T in Effect['type']]: (effect: Effect & { readonly type: T }) => void };

/**
 * The composition root of the dashboard: builds its parts and connects them. A Board or a key changes the screen; the
 * App performs the effects of that change and draws the next frame.
 */
export class App {
  readonly #context: Context;
  readonly #open: OpenMonitor;
  readonly #options: Options;
  readonly #abilities: Abilities;
  readonly #hint: Start['hint'];
  readonly #memory: ViewMemory;
  readonly #meter: OwnMeter;
  readonly #viewed: ReturnType<typeof viewedRecord>;
  readonly #screen: Screen;
  readonly #detail: DetailReader;
  readonly #terminal: Terminal;
  readonly #lifecycle: Lifecycle;
  readonly #dashboard: Dashboard;
  readonly #live: LiveBoard;
  readonly #actions: SessionActions;
  #loaded: LoadedSettings;
  #style: TerminalStyle;
  /** True while a timer is set for the next step of a scrolling text. */
  #isTickerPlanned = false;
  /** False while the home's file system does not respond: a read would block the keys and the screen. */
  readonly #mayRead = (): boolean => this.#context.filesystem?.mayRead() ?? true;

  readonly #effects: EffectTable = {
    quit: () => this.#lifecycle.exit(exitCodes.ok),
    suspend: () => this.#lifecycle.suspend(),
    refresh: () => this.#live.refresh(),
    redraw: () => this.#terminal.redraw(),
    seen: ({ key }) => this.#markViewed(this.#screen.rowOf(key)),
    copy: ({ key, what }) => void this.#actions.copy(this.#screen.rowOf(key), what),
    jump: ({ key }) => void this.#actions.jump(this.#screen.rowOf(key)),
    inbox: () => this.#act({ type: 'inbox-open', asks: this.#actions.asks() }),
    answer: ({ asks, answer }) => void this.#actions.answer(asks, answer),
    abort: ({ sessionId }) => void this.#actions.abort(sessionId),
    'end-process': (effect) => void this.#actions.endProcess(effect),
    all: ({ on }) => {
      this.#open.monitor.includeAll(on);
      this.#live.refresh();
    },
    mouse: ({ on }) => this.#terminal.setMouse(on),
    'save-settings': ({ changes }) => this.#saveSettings(changes),
  };

  /** Takes over the terminal and shows the first Board. From now on otop exits only through its lifecycle. */
  constructor(
    board: Board,
    { options, loaded, abilities, hint }: Start,
    context: Context,
    open: OpenMonitor,
  ) {
    const { clock } = context;
    const { settings } = loaded;
    this.#context = context;
    this.#open = open;
    this.#options = options;
    this.#abilities = abilities;
    this.#hint = hint;
    this.#loaded = loaded;
    this.#style = terminalStyle(abilities, settings);
    this.#memory = viewMemory(options.demo ? undefined : loaded.memory.path, viewOf(settings));
    this.#meter = ownMeter(clock, processUse);
    this.#viewed = viewedRecord(open.viewed, clock);
    this.#detail = this.#createDetailReader();
    this.#screen = new Screen(board, openingUiState(options, settings), {
      enricher: this.#createEnricher(),
      detail: this.#detail,
    });
    this.#terminal = createTerminal({
      input: context.stdin,
      output: context.stdout,
      env: context.env,
      mouse: settings.mouse,
    });
    this.#lifecycle = guardTerminal({
      process: process as never,
      terminal: this.#terminal,
      watchdog: terminalWatchdog(),
      beforeExit: () => this.#close(),
      exit: exitProcess,
      crashMessage: (error) =>
        crashMessage(error, { command: 'dashboard', troubles: this.#screen.board.troubles }, context),
    });
    this.#dashboard = createDashboard(this.#terminal, this.#style.theme);
    this.#live = startLiveBoard(open.monitor, context, {
      tickMs: () => this.#screen.ui.settings.delay * 1000 * this.#tickMultiplier(),
      onBoard: (next) => this.#show(next),
      onError: (error) => {
        throw error;
      },
    });
    this.#actions = this.#createActions();
    this.#terminal.onKey((key) => this.#key(key));
    this.#terminal.onPaste((text) => this.#act({ type: 'paste', text }));
    this.#terminal.onResize(() => this.#draw());
    this.#dashboard.onAction((action) => this.#act(action));
    this.#show(board);
  }

  #createEnricher(): BoardEnricher {
    const { clock, machine } = this.#context;
    const streamed = new StreamedLines(machine.run, clock, () => this.#live.rebuild());
    return new BoardEnricher({
      options: this.#options,
      git: new GitBranches(),
      // The simulated fleet has no tmux panes.
      ...(!this.#options.demo && { streamed }),
      mayRead: this.#mayRead,
    });
  }

  #createDetailReader(): DetailReader {
    const { clock, machine } = this.#context;
    const { details, mcpServers, monitor } = this.#open;
    const sources = {
      details,
      mcpServers,
      pane: this.#options.demo ? undefined : new LivePane(machine.run, clock, () => this.#draw()),
      evidence: () => monitor.evidence(this.#screen.board),
      mayRead: this.#mayRead,
    };
    const { glyphs } = this.#style;
    return new DetailReader(sources, { glyphs, utcOffsetMinutes: utcOffsetMinutes(clock.nowMs()) });
  }

  #createActions(): SessionActions {
    const screen = {
      notice: (text: string) => this.#notice(text),
      copy: (text: string) => this.#terminal.copy(text),
      refresh: () => this.#live.refresh(),
      jumped: (row: Row) => this.#jumped(row),
      answered: (asks: readonly PendingAsk[], left: readonly PendingAsk[]) => this.#answered(asks, left),
    };
    const answers = this.#options.demo ? noRecord : answerRecord(this.#context);
    return new SessionActions(this.#context, this.#open.acts, { screen, answers });
  }

  #show(board: Board): void {
    this.#screen.show(board, configTroubles(this.#loaded), this.#context.clock.nowMs());
    this.#viewed.notePanes(this.#screen.board.rows);
    const hint = this.#hint?.(this.#screen.board);
    if (hint !== undefined) this.#act({ type: 'notice', text: hint, lastsMs: hintMs });
    else this.#draw();
  }

  #key(key: string): void {
    const pressed = this.#screen.actionOf(key);
    if (!pressed) return;
    if ('action' in pressed) this.#act(pressed.action);
    else this.#notice(pressed.disabled);
  }

  #act(action: Action): void {
    const { settings } = this.#screen.ui;
    const effects = this.#screen.act(action, this.#context.clock.nowMs());
    if (this.#screen.ui.settings !== settings) this.#apply(settings, this.#screen.ui.settings);
    for (const effect of effects) this.#perform(effect);
    this.#draw();
  }

  #perform(effect: Effect): void {
    this.#context.logger?.log('info', 'effect', { type: effect.type });
    // The table maps each effect type to its function; TypeScript cannot infer that for a union.
    const perform = this.#effects[effect.type] as (effect: Effect) => void;
    perform(effect);
  }

  #draw(): void {
    const { clock } = this.#context;
    const startedMs = clock.monotonicMs();
    const nowMs = clock.nowMs();
    const view = this.#screen.frame({
      cols: this.#terminal.cols,
      rows: this.#terminal.rows,
      nowMs,
      utcOffsetMinutes: utcOffsetMinutes(nowMs),
      glyphs: this.#style.glyphs,
      self: this.#meter.read(),
    });
    this.#dashboard.update(view);
    if (view.isAnimated && !this.#isTickerPlanned) {
      this.#isTickerPlanned = true;
      clock.after(tickerStepMs, () => {
        this.#isTickerPlanned = false;
        this.#draw();
      });
    }
    this.#meter.frame(clock.monotonicMs() - startedMs);
  }

  #notice(text: string): void {
    this.#act({ type: 'notice', text: sanitize(text) });
  }

  #markViewed(row: Row | undefined): void {
    if (!row?.session) return;
    this.#viewed.note(row.session.id);
    this.#live.rebuild();
  }

  #jumped(row: Row): void {
    this.#markViewed(row);
    if (this.#options.exitOnJump) this.#lifecycle.exit(exitCodes.ok);
  }

  /** Opens the inbox for the remaining asks, unless the user has opened something else meanwhile. */
  #answered(asks: readonly PendingAsk[], left: readonly PendingAsk[]): void {
    const { menu, prompt, confirmation } = this.#screen.ui;
    const isFree = !menu && !prompt && !confirmation;
    if (left.length > 0 && isFree) this.#act({ type: 'inbox-open', asks: left, answered: asks });
  }

  /** Shows a changed setting at once, for example one that the user changes with F2. */
  #apply(before: Settings, after: Settings): void {
    this.#style = terminalStyle(this.#abilities, after);
    if (before.theme !== after.theme) this.#dashboard.setTheme(this.#style.theme);
  }

  #saveSettings(changes: SomeSettings): void {
    const { place } = this.#loaded;
    const refusal = this.#mayRead()
      ? writeConfig(place, changes)
      : 'not saved: the folder of the configuration does not answer';
    if (refusal === undefined) this.#loaded = loadSettings(this.#options, this.#context);
    this.#notice(refusal ?? `saved to ${place.path}`);
  }

  /**
   * The factor of the tick's length: larger if otop uses much CPU itself or the machine is overloaded. Throws if the
   * heap is almost full.
   */
  #tickMultiplier(): number {
    guardHeap();
    const { cpuPercent } = this.#meter.read();
    return tickMultiplier({
      loadPerCore: loadPerCore(),
      ...(cpuPercent !== undefined && { cpuPercent }),
    });
  }

  #close(): void {
    if (!this.#mayRead()) this.#context.filesystem?.abandon();
    this.#detail.close();
    this.#live.stop();
    this.#viewed.close();
    const { sort, rowLines } = this.#screen.ui;
    this.#memory.save({ sort, rows: rowLines }, this.#loaded.memory.base);
    this.#open.monitor.close();
  }
}

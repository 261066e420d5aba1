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
import { GitBranches } from '../sources/git-branch.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { crashMessage } from '../system/crash-report.ts';
import { exitProcess } from '../system/exit.ts';
import { guardHeap, loadPerCore, type OwnMeter, ownMeter, processUse } from '../system/own-use.ts';
import { runCommand, terminalWatchdog } from '../system/run-program.ts';
import { sanitize } from '../text/sanitize.ts';
import { tickerStepMs } from '../text/ticker.ts';
import { DetailReader } from './detail-reader.ts';
import { BoardEnricher } from './enrich-board.ts';
import { LivePane } from './live-pane.ts';
import { Screen } from './screen.ts';
import { PersonActs } from './session-actions.ts';
import { openingUiState, utcOffsetMinutes } from './single-frame.ts';
import { StreamedLines } from './streamed-lines.ts';
import { type TerminalStyle, terminalStyle } from './terminal-style.ts';
import { viewedRecord } from './viewed-record.ts';

/** How the dashboard was asked for. */
interface Start {
  readonly options: Options;
  readonly loaded: LoadedSettings;
  readonly abilities: Abilities;
}

/** What performs each effect. */
type EffectTable = { readonly [T in Effect['type']]: (effect: Effect & { readonly type: T }) => void };

/**
 * The composition root of the dashboard: builds its parts and joins them. A Board or a key changes the screen, effects are
 * performed, and the screen is drawn.
 */
export class App {
  readonly #context: Context;
  readonly #open: OpenMonitor;
  readonly #options: Options;
  readonly #abilities: Abilities;
  readonly #memory: ViewMemory;
  readonly #meter: OwnMeter;
  readonly #viewed: ReturnType<typeof viewedRecord>;
  readonly #screen: Screen;
  readonly #detail: DetailReader;
  readonly #terminal: Terminal;
  readonly #lifecycle: Lifecycle;
  readonly #dashboard: Dashboard;
  readonly #live: LiveBoard;
  readonly #acts: PersonActs;
  #loaded: LoadedSettings;
  #style: TerminalStyle;
  /** The next step of a text that scrolls is planned. */
  #ticks = false;
  /** False while the home's file system owes an answer: a read would wait for it, and keys and screen with it. */
  readonly #mayRead = (): boolean => this.#context.filesystem?.mayRead() ?? true;

  readonly #effects: EffectTable = {
    quit: () => this.#lifecycle.exit(exitCodes.ok),
    suspend: () => this.#lifecycle.suspend(),
    refresh: () => this.#live.refresh(),
    redraw: () => this.#terminal.redraw(),
    seen: ({ key }) => this.#seen(this.#screen.rowOf(key)),
    copy: ({ key, what }) => void this.#acts.copy(this.#screen.rowOf(key), what),
    jump: ({ key }) => void this.#acts.jump(this.#screen.rowOf(key)),
    inbox: () => this.#act({ type: 'inbox-open', asks: this.#acts.asks() }),
    answer: ({ asks, answer }) => void this.#acts.answer(asks, answer),
    abort: ({ sessionId }) => void this.#acts.abort(sessionId),
    'end-process': (effect) => void this.#acts.endProcess(effect),
    all: ({ on }) => {
      this.#open.monitor.includeAll(on);
      this.#live.refresh();
    },
    mouse: ({ on }) => this.#terminal.setMouse(on),
    'save-settings': ({ changes }) => this.#saveSettings(changes),
  };

  /** Takes the terminal and shows the first Board; from here on otop ends through its lifecycle only. */
  constructor(board: Board, { options, loaded, abilities }: Start, context: Context, open: OpenMonitor) {
    const { clock } = context;
    const { settings } = loaded;
    this.#context = context;
    this.#open = open;
    this.#options = options;
    this.#abilities = abilities;
    this.#loaded = loaded;
    this.#style = terminalStyle(abilities, settings);
    this.#memory = viewMemory(options.demo ? undefined : loaded.memory.path, viewOf(settings));
    this.#meter = ownMeter(clock, processUse);
    this.#viewed = viewedRecord(open.viewed, clock);
    this.#detail = this.#detailReader();
    this.#screen = new Screen(board, openingUiState(options, settings), {
      enricher: this.#enricher(),
      detail: this.#detail,
    });
    this.#terminal = createTerminal({
      input: context.stdin,
      output: context.stdout,
      env: process.env,
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
    this.#acts = this.#sessionActions();
    this.#terminal.onKey((key) => this.#key(key));
    this.#terminal.onPaste((text) => this.#act({ type: 'paste', text }));
    this.#terminal.onResize(() => this.#draw());
    this.#dashboard.onAction((action) => this.#act(action));
    this.#show(board);
  }

  #enricher(): BoardEnricher {
    const { clock } = this.#context;
    const streamed = new StreamedLines(runCommand, clock, () => this.#live.rebuild());
    return new BoardEnricher({
      options: this.#options,
      git: new GitBranches(),
      // The panes of the simulated fleet do not exist.
      ...(!this.#options.demo && { streamed }),
      mayRead: this.#mayRead,
    });
  }

  #detailReader(): DetailReader {
    const { clock } = this.#context;
    const { details, mcpServers, monitor } = this.#open;
    const sources = {
      details,
      mcpServers,
      pane: this.#options.demo ? undefined : new LivePane(runCommand, clock, () => this.#draw()),
      evidence: () => monitor.evidence(this.#screen.board),
      mayRead: this.#mayRead,
    };
    const { glyphs } = this.#style;
    return new DetailReader(sources, { glyphs, utcOffsetMinutes: utcOffsetMinutes(clock.nowMs()) });
  }

  #sessionActions(): PersonActs {
    return new PersonActs(this.#context, this.#open.acts, {
      notice: (text) => this.#notice(text),
      copy: (text) => this.#terminal.copy(text),
      refresh: () => this.#live.refresh(),
      jumped: (row) => this.#jumped(row),
      answered: (asks, left) => this.#answered(asks, left),
    });
  }

  #show(board: Board): void {
    this.#screen.show(board, configTroubles(this.#loaded), this.#context.clock.nowMs());
    this.#viewed.notePanes(this.#screen.board.rows);
    this.#draw();
  }

  #key(key: string): void {
    const pressed = this.#screen.meaningOf(key);
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
    // The table pairs each effect with what performs it, which TypeScript cannot follow through a union.
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
    if (view.isAnimated && !this.#ticks) {
      this.#ticks = true;
      clock.after(tickerStepMs, () => {
        this.#ticks = false;
        this.#draw();
      });
    }
    this.#meter.frame(clock.monotonicMs() - startedMs);
  }

  #notice(text: string): void {
    this.#act({ type: 'notice', text: sanitize(text) });
  }

  #seen(row: Row | undefined): void {
    if (!row?.session) return;
    this.#viewed.note(row.session.id);
    this.#live.rebuild();
  }

  #jumped(row: Row): void {
    this.#seen(row);
    if (this.#options.exitOnJump) this.#lifecycle.exit(exitCodes.ok);
  }

  /** The next ask comes up by itself, if the person has not gone on to something else. */
  #answered(asks: readonly PendingAsk[], left: readonly PendingAsk[]): void {
    const { menu, prompt, confirmation } = this.#screen.ui;
    const isFree = !menu && !prompt && !confirmation;
    if (left.length > 0 && isFree) this.#act({ type: 'inbox-open', asks: left, answered: asks });
  }

  /** What F2 changes is seen at once. */
  #apply(before: Settings, after: Settings): void {
    this.#style = terminalStyle(this.#abilities, after);
    if (before.theme !== after.theme) this.#dashboard.setTheme(this.#style.theme);
  }

  #saveSettings(changes: SomeSettings): void {
    const { place } = this.#loaded;
    const refusal = this.#mayRead() ? writeConfig(place, changes) : 'not saved: its folder does not answer';
    if (refusal === undefined) this.#loaded = loadSettings(this.#options, this.#context);
    this.#notice(refusal ?? `saved to ${place.path}`);
  }

  /** Otop works less if it costs too much itself, or if others need the machine more. */
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

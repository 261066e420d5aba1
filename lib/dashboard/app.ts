import type { Abilities } from '../../widgets/abilities.ts';
import { createDashboard, type Dashboard } from '../../widgets/dashboard.ts';
import { guardTerminal, type Lifecycle } from '../../widgets/lifecycle.ts';
import { createTerminal, type Terminal } from '../../widgets/terminal.ts';
import { offeredRows } from '../commands/sessions.ts';
import { writeConfig } from '../config/config-file.ts';
import type { Options } from '../config/options.ts';
import { configTroubles, type LoadedSettings, loadSettings } from '../config/settings.ts';
import { type ViewMemory, viewMemory, viewOf } from '../config/view-memory.ts';
import type { Board, Row } from '../domain/board/board.ts';
import { screenBoard } from '../domain/board/tree.ts';
import type { PendingAsk } from '../domain/session/acts.ts';
import type { Action, Effect } from '../domain/ui/action.ts';
import { keyAction } from '../domain/ui/key-action.ts';
import { reduce } from '../domain/ui/reduce.ts';
import type { Settings, SomeSettings } from '../domain/ui/settings/table.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import { type LiveBoard, startLiveBoard } from '../monitor/live-board.ts';
import type { OpenMonitor } from '../monitor/open-monitor.ts';
import { tickMultiplier } from '../monitor/refresh-policy.ts';
import { GitBranches } from '../sources/git-branch.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { lastWords } from '../system/crash-report.ts';
import { exitProcess, terminalKeeper } from '../system/exit.ts';
import { assertHeapRoom, loadPerCore, type OwnMeter, ownMeter, processUse } from '../system/own-use.ts';
import { runCommand } from '../system/run-program.ts';
import { sanitize } from '../text/sanitize.ts';
import { tickerStepMs } from '../text/ticker.ts';
import { dashboardView, openDetailSpace } from '../view/dashboard.ts';
import { type DetailReading, detailContent } from '../view/detail-content.ts';
import type { DetailContent, FrameContext } from '../view/frame-context.ts';
import { withBranchNames } from './branch-names.ts';
import { DetailReader } from './detail-reader.ts';
import { LivePane } from './live-pane.ts';
import { PersonActs } from './session-actions.ts';
import { openingUiState, utcOffsetMinutes } from './single-frame.ts';
import { StreamedLines } from './streamed-lines.ts';
import { type TerminalLook, terminalLook } from './terminal-style.ts';
import { viewedRecord } from './viewed-record.ts';

/** How the dashboard was asked for. */
interface Start {
  readonly options: Options;
  readonly loaded: LoadedSettings;
  readonly abilities: Abilities;
}

/** The composition root of the dashboard: keys and Boards come in, frames and effects go out. */
export class App {
  readonly #options: Options;
  readonly #abilities: Abilities;
  readonly #memory: ViewMemory;
  #loaded: LoadedSettings;
  readonly #context: Context;
  readonly #open: OpenMonitor;
  #look: TerminalLook;
  readonly #terminal: Terminal;
  readonly #dashboard: Dashboard;
  readonly #lifecycle: Lifecycle;
  readonly #live: LiveBoard;
  readonly #meter: OwnMeter;
  readonly #viewed: ReturnType<typeof viewedRecord>;
  readonly #detail: DetailReader;
  readonly #acts: PersonActs;
  readonly #git = new GitBranches();
  readonly #streamed: StreamedLines;
  /** The next step of a text that scrolls is planned. */
  #ticks = false;
  /** What was last read for the detail log. */
  #reading: DetailReading = {};
  #board: Board;
  #ui: UiState;

  /** Takes the terminal and shows the first Board; from here on otop ends through its lifecycle only. */
  constructor(board: Board, { options, loaded, abilities }: Start, context: Context, open: OpenMonitor) {
    const { settings } = loaded;
    const look = terminalLook(abilities, settings);
    this.#options = options;
    this.#loaded = loaded;
    this.#abilities = abilities;
    this.#memory = viewMemory(options.demo ? undefined : loaded.memory.path, viewOf(settings));
    this.#context = context;
    this.#open = open;
    this.#look = look;
    this.#meter = ownMeter(context.clock, processUse);
    this.#viewed = viewedRecord(open.viewed, context.clock);
    this.#board = board;
    this.#detail = new DetailReader(
      {
        details: open.details,
        pane: options.demo ? undefined : new LivePane(runCommand, context.clock, () => this.#draw()),
        evidence: () => open.monitor.evidence(this.#board),
        mcpServers: open.mcpServers,
      },
      { glyphs: look.glyphs, utcOffsetMinutes: utcOffsetMinutes(context.clock.nowMs()) },
    );
    this.#streamed = new StreamedLines(runCommand, context.clock, () => this.#live.rebuild());
    this.#ui = openingUiState(options, settings);
    this.#terminal = createTerminal({
      input: context.stdin,
      output: context.stdout,
      env: process.env,
      mouse: settings.mouse,
    });
    this.#lifecycle = guardTerminal({
      process: process as never,
      terminal: this.#terminal,
      keeper: terminalKeeper(),
      beforeExit: () => this.#close(),
      exit: exitProcess,
      lastWords: (error) => this.#lastWords(error),
    });
    this.#dashboard = createDashboard(this.#terminal, look.theme);
    this.#terminal.onKey((key) => this.#key(key));
    this.#terminal.onPaste((text) => this.#act({ type: 'paste', text }));
    this.#dashboard.onAction((action) => this.#act(action));
    this.#terminal.onResize(() => this.#draw());
    this.#live = startLiveBoard(open.monitor, context, {
      tickMs: () => this.#ui.settings.delay * 1000 * this.#pace(),
      onBoard: (next) => this.#show(next),
      onError: (error) => {
        throw error;
      },
    });
    this.#acts = new PersonActs(context, open.acts, {
      notice: (text) => this.#notice(text),
      copy: (text) => this.#terminal.copy(text),
      refresh: () => this.#live.refresh(),
      jumped: (row) => this.#jumped(row),
      answered: (asks, left) => this.#answered(asks, left),
    });
    this.#show(board);
  }

  /** Otop works less where it has become dear itself, or others need the machine more. */
  #pace(): number {
    assertHeapRoom();
    const { cpuPercent } = this.#meter.read();
    return tickMultiplier({ loadPerCore: loadPerCore(), ...(cpuPercent !== undefined && { cpuPercent }) });
  }

  #lastWords(error: unknown): string {
    return lastWords(error, { command: 'dashboard', troubles: this.#board.troubles }, this.#context);
  }

  #key(key: string): void {
    const pressed = keyAction(key, this.#ui, screenBoard(this.#board, this.#ui));
    if (!pressed) return;
    if ('action' in pressed) this.#act(pressed.action);
    else this.#notice(pressed.disabled);
  }

  #show(board: Board): void {
    const offered = offeredRows(board, { ...this.#options, all: this.#ui.all });
    const named = this.#withBranchNames(offered, board.atMs);
    const streamed = this.#options.demo ? named : this.#streamed.on(named, this.#ui);
    this.#board = { ...streamed, troubles: [...configTroubles(this.#loaded), ...streamed.troubles] };
    this.#viewed.notePanes(this.#board.rows);
    this.#act({ type: 'board' });
  }

  #act(action: Action): void {
    const { state, effects } = reduce(this.#ui, action, {
      board: this.#board,
      nowMs: this.#context.clock.nowMs(),
    });
    const before = this.#ui.settings;
    this.#ui = state;
    if (state.settings !== before) this.#apply(before, state.settings);
    for (const effect of effects) this.#perform(effect);
    this.#draw();
  }

  /** What F2 changes is seen at once. */
  #apply(before: Settings, after: Settings): void {
    this.#look = terminalLook(this.#abilities, after);
    if (before.theme !== after.theme) this.#dashboard.setTheme(this.#look.theme);
  }

  #saveSettings(changes: SomeSettings): void {
    const { place } = this.#loaded;
    const refusal = this.#mayRead() ? writeConfig(place, changes) : 'not saved: its folder does not answer';
    if (refusal === undefined) this.#loaded = loadSettings(this.#options, this.#context);
    this.#notice(refusal ?? `saved to ${place.path}`);
  }

  #perform(effect: Effect): void {
    this.#context.journal?.note('info', 'effect', { type: effect.type });
    switch (effect.type) {
      case 'quit':
        this.#lifecycle.exit(exitCodes.ok);
        break;
      case 'suspend':
        this.#lifecycle.suspend();
        break;
      case 'refresh':
        this.#live.refresh();
        break;
      case 'redraw':
        this.#terminal.redraw();
        break;
      case 'seen':
        this.#seen(this.#rowOf(effect.key));
        break;
      case 'copy':
        void this.#acts.copy(this.#rowOf(effect.key), effect.what);
        break;
      case 'end-process':
        void this.#acts.endProcess(effect);
        break;
      case 'all':
        this.#open.monitor.includeAll(effect.on);
        this.#live.refresh();
        break;
      case 'mouse':
        this.#terminal.setMouse(effect.on);
        break;
      case 'save-settings':
        this.#saveSettings(effect.changes);
        break;
      case 'inbox':
        this.#act({ type: 'inbox-open', asks: this.#acts.asks() });
        break;
      case 'answer':
        void this.#acts.answer(effect.asks, effect.answer);
        break;
      case 'abort':
        void this.#acts.abort(effect.sessionId);
        break;
      case 'jump':
        void this.#acts.jump(this.#rowOf(effect.key));
        break;
      default:
        effect satisfies never;
    }
  }

  #rowOf(key: string | undefined): Row | undefined {
    return screenBoard(this.#board, this.#ui).rows.find((row) => row.key === key);
  }

  #jumped(row: Row): void {
    this.#seen(row);
    if (this.#options.exitOnJump) this.#lifecycle.exit(exitCodes.ok);
  }

  /** The next ask comes up by itself, where the person has not gone on to something else. */
  #answered(asks: readonly PendingAsk[], left: readonly PendingAsk[]): void {
    const isFree = !this.#ui.menu && !this.#ui.prompt && !this.#ui.question;
    if (left.length > 0 && isFree) this.#act({ type: 'inbox-open', asks: left, answered: asks });
  }

  #notice(text: string): void {
    this.#act({ type: 'notice', text: sanitize(text) });
  }

  #seen(row: Row | undefined): void {
    if (!row?.session) return;
    this.#viewed.note(row.session.id);
    this.#live.rebuild();
  }

  #draw(): void {
    const { clock } = this.#context;
    const startedMs = clock.monotonicMs();
    const nowMs = clock.nowMs();
    const frame: FrameContext = {
      cols: this.#terminal.cols,
      rows: this.#terminal.rows,
      nowMs,
      utcOffsetMinutes: utcOffsetMinutes(nowMs),
      glyphs: this.#look.glyphs,
      self: this.#meter.read(),
    };
    const detail = this.#readDetail(frame);
    const context = { ...frame, ...(detail && { detail }) };
    let view = dashboardView(this.#board, this.#ui, context);
    this.#ui = { ...this.#ui, viewport: view.viewport };
    const named = this.#withBranchNames(this.#board, nowMs);
    if (named !== this.#board) {
      this.#board = named;
      view = dashboardView(named, this.#ui, context);
    }
    this.#dashboard.update(view);
    if (view.moves && !this.#ticks) {
      this.#ticks = true;
      clock.after(tickerStepMs, () => {
        this.#ticks = false;
        this.#draw();
      });
    }
    this.#meter.frame(clock.monotonicMs() - startedMs);
  }

  #readDetail(frame: FrameContext): DetailContent | undefined {
    const space = openDetailSpace(this.#board, this.#ui, frame);
    const row = space && this.#rowOf(this.#ui.selectedKey);
    if (!space || !row) {
      this.#detail.close();
      return undefined;
    }
    if (this.#mayRead()) this.#reading = this.#detail.read(row, this.#ui, space);
    return detailContent(row, this.#ui.detailTab, this.#reading, frame);
  }

  #withBranchNames(board: Board, nowMs: number): Board {
    return this.#mayRead() ? withBranchNames(board, this.#ui, this.#git, nowMs) : board;
  }

  /** False while the home's file system owes an answer: who reads a file then waits with it, keys and screen included. */
  #mayRead(): boolean {
    return this.#context.home?.mayRead() ?? true;
  }

  #close(): void {
    if (!this.#mayRead()) this.#context.home?.abandon();
    this.#detail.close();
    this.#live.stop();
    this.#viewed.close();
    this.#memory.save({ sort: this.#ui.sort, rows: this.#ui.rowLines }, this.#loaded.memory.base);
    this.#open.monitor.close();
  }
}

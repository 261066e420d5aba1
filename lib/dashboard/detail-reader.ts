import type { Row } from '../domain/board/board.ts';
import { type WhyInput, whyProcess, whySession } from '../domain/evidence/why.ts';
import { isServer } from '../domain/process/process.ts';
import { paneHere } from '../domain/process/whereabouts.ts';
import type { McpServer } from '../domain/session/mcp-server.ts';
import type { Session } from '../domain/session/session.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import type { Conversations } from '../monitor/conversations.ts';
import { sanitize } from '../text/sanitize.ts';
import { type DetailReading, detailContent } from '../view/detail-content.ts';
import type { DetailSpace } from '../view/detail-log.ts';
import type { DetailContent, FrameInput } from '../view/frame-input.ts';
import { type MessageFormat, messageLines } from '../view/message-log.ts';
import { ConversationWindow } from './conversation-window.ts';
import type { LivePane } from './live-pane.ts';

/** The sources that the open detail log reads. */
export interface DetailSources {
  readonly details: Conversations;
  /** Absent for the simulated fleet, which has no tmux panes. */
  readonly pane: LivePane | undefined;
  evidence(): WhyInput;
  mcpServers(directoryPath: string | undefined): readonly McpServer[];
  /** False while the file system does not respond; the log then shows its last reading. */
  readonly mayRead?: () => boolean;
}

interface OpenLog {
  readonly sessionId: string;
  readonly window: ConversationWindow;
  version: string;
  cells: number;
  top: number;
  messageCount: number;
}

/**
 * Reads the content of the open tab of the detail log. It reads only the visible messages of a conversation, and the
 * other tabs once per change of the session. Drawing a frame again reads nothing.
 */
export class DetailReader {
  readonly #sources: DetailSources;
  readonly #format: MessageFormat;
  #log: OpenLog | undefined;
  #cached: { readonly key: string; readonly reading: DetailReading } | undefined;
  #lastReading: DetailReading = {};

  constructor(sources: DetailSources, format: MessageFormat) {
    this.#sources = sources;
    this.#format = format;
  }

  /**
   * Returns the detail log's content for a row; `room` is the log's size. Without a row or a room, closes the log and
   * returns undefined.
   */
  content(
    row: Row | undefined,
    ui: UiState,
    room: DetailSpace | undefined,
    input: FrameInput,
  ): DetailContent | undefined {
    if (!row || !room) {
      this.close();
      return undefined;
    }
    if (this.#sources.mayRead?.() ?? true) this.#lastReading = this.read(row, ui, room);
    return detailContent(row, ui.detailTab, this.#lastReading, input);
  }

  /** Reads the open tab for a row; `space` is the log's size. Returns an empty object if nothing can be read yet. */
  read(row: Row, { detailTab, detailTop }: UiState, space: DetailSpace): DetailReading {
    if (detailTab !== 'pane') this.#sources.pane?.show(undefined);
    if (detailTab === 'pane') return this.#readPane(row);
    if (detailTab === 'log') return row.session ? this.#readLog(row.session, detailTop, space) : {};
    const key = `${row.key} ${detailTab} ${this.#versionOf(row, detailTab)}`;
    if (this.#cached?.key !== key) this.#cached = { key, reading: this.#readTab(row, detailTab) };
    return this.#cached.reading;
  }

  /** Closes the log: stops following the pane and drops all cached readings. */
  close(): void {
    this.#sources.pane?.show(undefined);
    this.#log = undefined;
    this.#cached = undefined;
  }

  #versionOf({ session }: Row, tab: UiState['detailTab']): string {
    if (tab === 'why') return String(this.#sources.evidence().nowMs);
    return session ? this.#revisionOf(session) : '';
  }

  #readPane(row: Row): DetailReading {
    if (!this.#sources.pane) return { pane: sanitize('a simulated session has no terminal') };
    const capture = this.#sources.pane.show(paneHere(row));
    if (capture === undefined) return {};
    return { pane: capture.kind === 'lines' ? capture.lines : capture.why };
  }

  #readTab({ host, elsewhere, match, session, process }: Row, tab: UiState['detailTab']): DetailReading {
    if (elsewhere && tab === 'why')
      return { why: [sanitize(`${host} says so`), ...(match ? [match.why] : [])] };
    if (tab === 'mcp') return { mcp: this.#sources.mcpServers(session?.directoryPath ?? process?.cwd) };
    if (tab === 'why') {
      // Of a server's many sessions, only that of the row.
      const ofSession = session !== undefined && (process === undefined || isServer(process));
      if (ofSession) return { why: whySession(session, this.#sources.evidence()) };
      return process ? { why: whyProcess(process, this.#sources.evidence()) } : {};
    }
    const todos = tab === 'todos' && session ? this.#sources.details.open(session)?.todos : undefined;
    return todos ? { todos } : {};
  }

  #readLog(session: Session, top: number | undefined, { cells, rows }: DetailSpace): DetailReading {
    const log = this.#openLog(session, cells);
    const version = this.#revisionOf(session);
    if (log.version !== version) {
      const count = this.#sources.details.messageCount(session);
      if (count === undefined) return {};
      log.window.changed(count);
      log.messageCount = count;
      log.version = version;
    }
    if (log.cells !== cells) {
      log.window.layOutAgain((message) => messageLines(message, cells, this.#format), log.top);
      log.cells = cells;
    }
    const view = log.window.show(top, rows);
    log.top = view.top;
    // Messages exist but none can be read: the next frame retries.
    if (log.messageCount > 0 && view.messages === undefined) {
      log.version = '';
      return {};
    }
    return { log: { view, messageCount: log.messageCount } };
  }

  #openLog(session: Session, cells: number): OpenLog {
    if (this.#log?.sessionId === session.id) return this.#log;
    const window = new ConversationWindow(
      (from, count) => this.#sources.details.messages(session, from, count),
      (message) => messageLines(message, cells, this.#format),
    );
    this.#log = { sessionId: session.id, window, version: '', cells, top: 0, messageCount: 0 };
    return this.#log;
  }

  /** A string that changes whenever the session's messages or todos change. */
  #revisionOf(session: Session): string {
    const { activeAtMs, messageCount, todos } = session;
    return `${activeAtMs} ${messageCount} ${todos?.done} ${this.#sources.details.revision(session)}`;
  }
}

import type { Row } from '../domain/board/board.ts';
import { type WhyInput, whyProcess, whySession } from '../domain/evidence/why.ts';
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

/** Where the open detail log reads from. */
export interface DetailSources {
  readonly details: Conversations;
  /** Absent for the simulated fleet, whose panes do not exist. */
  readonly pane: LivePane | undefined;
  evidence(): WhyInput;
  mcpServers(directoryPath: string | undefined): readonly McpServer[];
  /** False while the file system owes an answer: what was read last is shown meanwhile. */
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
 * Reads what a tab of the open detail log shows: of a conversation only what is in sight, the rest once for each change
 * of the session. A frame that is drawn again reads nothing.
 */
export class DetailReader {
  readonly #sources: DetailSources;
  readonly #format: MessageFormat;
  #log: OpenLog | undefined;
  #known: { readonly key: string; readonly reading: DetailReading } | undefined;
  #last: DetailReading = {};

  constructor(sources: DetailSources, format: MessageFormat) {
    this.#sources = sources;
    this.#format = format;
  }

  /** The open detail log of this row, in so much room; without one of them the log is closed: undefined. */
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
    if (this.#sources.mayRead?.() ?? true) this.#last = this.read(row, ui, room);
    return detailContent(row, ui.detailTab, this.#last, input);
  }

  /** What the open tab of this row shows, in so much room. */
  read(row: Row, { detailTab, detailTop }: UiState, space: DetailSpace): DetailReading {
    if (detailTab !== 'pane') this.#sources.pane?.show(undefined);
    if (detailTab === 'pane') return this.#readPane(row);
    if (detailTab === 'log') return row.session ? this.#readLog(row.session, detailTop, space) : {};
    const key = `${row.key} ${detailTab} ${this.#versionOf(row, detailTab)}`;
    if (this.#known?.key !== key) this.#known = { key, reading: this.#readTab(row, detailTab) };
    return this.#known.reading;
  }

  /** Nothing is open any more. */
  close(): void {
    this.#sources.pane?.show(undefined);
    this.#log = undefined;
    this.#known = undefined;
  }

  #versionOf({ session }: Row, tab: UiState['detailTab']): string {
    if (tab === 'why') return String(this.#sources.evidence().nowMs);
    return session ? this.#changeOf(session) : '';
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
      if (process) return { why: whyProcess(process, this.#sources.evidence()) };
      return session ? { why: whySession(session, this.#sources.evidence()) } : {};
    }
    const todos = tab === 'todos' && session ? this.#sources.details.open(session)?.todos : undefined;
    return todos ? { todos } : {};
  }

  #readLog(session: Session, top: number | undefined, { cells, rows }: DetailSpace): DetailReading {
    const log = this.#openLog(session, cells);
    const version = this.#changeOf(session);
    if (log.version !== version) {
      const count = this.#sources.details.messageCount(session);
      if (count === undefined) return {};
      log.window.changed(count);
      log.messageCount = count;
      log.version = version;
    }
    if (log.cells !== cells) {
      log.window.relay((message) => messageLines(message, cells, this.#format), log.top);
      log.cells = cells;
    }
    const view = log.window.show(top, rows);
    log.top = view.top;
    // None of those that were counted can be read: the next frame tries again.
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

  /** Changes with the session's messages and todos. */
  #changeOf(session: Session): string {
    const { activeAtMs, messageCount, todos } = session;
    return `${activeAtMs} ${messageCount} ${todos?.done} ${this.#sources.details.revision(session)}`;
  }
}

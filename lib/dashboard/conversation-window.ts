import type { HistoryMessage } from '../domain/session/session-detail.ts';
import type { WindowView } from '../view/frame-input.ts';
import type { Line } from '../view/line.ts';

/** Returns the messages with index `from` to `from + count - 1`; fewer if they do not exist or cannot be read. */
type ReadMessages = (from: number, count: number) => readonly HistoryMessage[];
type LayOut = (message: HistoryMessage) => readonly Line[];

interface Block {
  readonly message: HistoryMessage;
  readonly lines: readonly Line[];
}

/** Messages per read: about one screen, so that opening a log is cheap. */
const chunkSize = 12;
/** opencode may still change its newest messages; older ones are final. */
const unsettledMessages = 8;
/** With more messages than this, those far from the visible lines are evicted; scrolling back reads them again. */
const maxBlocks = 400;

/**
 * The part of a conversation that has been read and laid out. It grows as the user scrolls and evicts messages far
 * away, so the length of the whole conversation does not matter. Line 0 is the first line at opening; earlier lines
 * get negative numbers, so that reading them does not renumber the visible ones.
 */
export class ConversationWindow {
  readonly #read: ReadMessages;
  #layOut: LayOut;
  #blocks: Block[] = [];
  /** Index of the first block's message in the conversation; `#firstLine` is the number of its first line. */
  #from = 0;
  #firstLine = 0;
  #messageCount = 0;

  constructor(read: ReadMessages, layOut: LayOut) {
    this.#read = read;
    this.#layOut = layOut;
  }

  /** Call when the conversation changed: it has `count` messages now. Reads the newest messages again. */
  changed(count: number): void {
    const end = this.#from + this.#blocks.length;
    const wasAtEnd = end === this.#messageCount;
    this.#messageCount = count;
    if (!wasAtEnd && count >= end) return;
    const keptCount = Math.max(0, Math.min(this.#blocks.length, count - this.#from) - unsettledMessages);
    this.#blocks = this.#blocks.slice(0, keptCount);
    // Nothing is reusable (first opening, or messages were reverted): start one chunkSize before the end.
    if (keptCount === 0) this.#from = Math.max(0, count - chunkSize);
    this.#append(count - this.#from - keptCount);
  }

  /** Lays out all messages again, for example for a new width. The message at line `top` keeps its position. */
  layOutAgain(layOut: LayOut, top: number): void {
    this.#layOut = layOut;
    let number = this.#firstLine;
    const anchor = this.#blocks.findIndex(({ lines }) => {
      number += lines.length;
      return number > top;
    });
    const before = lineCount(this.#blocks.slice(0, Math.max(0, anchor)));
    this.#blocks = this.#blocks.map(({ message }) => ({ message, lines: layOut(message) }));
    this.#firstLine += before - lineCount(this.#blocks.slice(0, Math.max(0, anchor)));
  }

  /**
   * Returns `rows` lines from line number `top` on. Without a top, or beyond the end, returns the last lines; minus
   * infinity returns the first lines of the conversation.
   */
  show(top: number | undefined, rows: number): WindowView {
    if (top === Number.NEGATIVE_INFINITY) this.#openAt(0);
    const follows = top === undefined || top === Number.POSITIVE_INFINITY;
    if (follows && this.#end() < this.#messageCount)
      this.#openAt(Math.max(0, this.#messageCount - chunkSize));
    const wanted = follows ? this.#endLine() - rows : Math.max(top, this.#minTop());
    while (this.#from > 0 && wanted < this.#firstLine) this.#prepend();
    while (this.#end() < this.#messageCount && wanted + rows > this.#endLine()) this.#append(chunkSize);
    const last = Math.max(this.#firstLine, this.#endLine() - rows);
    const shownTop = Math.max(this.#firstLine, Math.min(wanted, last));
    this.#evict(shownTop, rows);
    return this.#view(shownTop, rows, last);
  }

  #minTop(): number {
    return this.#from === 0 ? this.#firstLine : Number.NEGATIVE_INFINITY;
  }

  #view(top: number, rows: number, last: number): WindowView {
    const lines: Line[] = [];
    const seen: number[] = [];
    let number = this.#firstLine;
    this.#blocks.forEach((block, index) => {
      const start = Math.max(0, top - number);
      const shown = start < block.lines.length ? block.lines.slice(start, start + rows - lines.length) : [];
      if (shown.length > 0) seen.push(this.#from + index + 1);
      lines.push(...shown);
      number += block.lines.length;
    });
    const [first] = seen;
    const end = seen.at(-1);
    return {
      lines,
      top,
      first: this.#minTop(),
      last: this.#end() < this.#messageCount ? Number.MAX_SAFE_INTEGER : last,
      ...(first !== undefined && end !== undefined && { messages: [first, end] as const }),
    };
  }

  #end(): number {
    return this.#from + this.#blocks.length;
  }

  #endLine(): number {
    return this.#firstLine + lineCount(this.#blocks);
  }

  #openAt(from: number): void {
    this.#blocks = [];
    this.#from = from;
    this.#firstLine = 0;
    this.#append(chunkSize);
  }

  #append(count: number): void {
    const messages = count > 0 ? this.#read(this.#end(), count) : [];
    this.#blocks.push(...messages.map((message) => ({ message, lines: this.#layOut(message) })));
    // Fewer messages than expected: they cannot be read now, or were deleted after they were counted.
    this.#messageCount = messages.length < count ? this.#end() : Math.max(this.#messageCount, this.#end());
  }

  #prepend(): void {
    const from = Math.max(0, this.#from - chunkSize);
    const messages = this.#read(from, this.#from - from);
    // The earlier messages cannot be read: treat the loaded ones as the whole conversation.
    this.#from = messages.length > 0 ? from : 0;
    const blocks = messages.map((message) => ({ message, lines: this.#layOut(message) }));
    this.#firstLine -= lineCount(blocks);
    this.#blocks.unshift(...blocks);
  }

  /** Evicts messages far above or below the visible lines. */
  #evict(top: number, rows: number): void {
    while (this.#blocks.length > maxBlocks) {
      const head = this.#blocks.slice(0, chunkSize);
      const tail = this.#blocks.slice(-chunkSize);
      if (this.#firstLine + lineCount(head) < top - rows) {
        this.#firstLine += lineCount(head);
        this.#from += head.length;
        this.#blocks.splice(0, chunkSize);
      } else if (this.#endLine() - lineCount(tail) > top + 2 * rows) this.#blocks.splice(-chunkSize);
      else return;
    }
  }
}

function lineCount(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { lines }) => sum + lines.length, 0);
}

import type { HistoryMessage } from '../domain/session/session-detail.ts';
import type { WindowView } from '../view/frame-input.ts';
import type { Line } from '../view/line.ts';

/** Messages `from` to `from + count` of a conversation. */
type ReadMessages = (from: number, count: number) => readonly HistoryMessage[];
type LayOut = (message: HistoryMessage) => readonly Line[];

interface Block {
  readonly message: HistoryMessage;
  readonly lines: readonly Line[];
}

/** What is read at once: about a screen, as to open one should cost little. */
const chunk = 12;
/** opencode goes on writing its newest messages; those before are settled. */
const openMessages = 8;
/** More is kept on neither side: scrolling back reads it again. */
const mostBlocks = 400;

/**
 * The part of a conversation that is read and laid out, however long the whole is: it grows as someone scrolls, and
 * forgets what is far away. Lines are numbered from where it was opened, so that what is read before them (with negative
 * numbers) moves nothing.
 */
export class ConversationWindow {
  readonly #read: ReadMessages;
  #layOut: LayOut;
  #blocks: Block[] = [];
  /** Place of the first block's message, and number of its first line. */
  #from = 0;
  #firstLine = 0;
  #count = 0;

  constructor(read: ReadMessages, layOut: LayOut) {
    this.#read = read;
    this.#layOut = layOut;
  }

  /** Takes notice that the conversation has so many messages now, of which the newest may have changed. */
  changed(count: number): void {
    const end = this.#from + this.#blocks.length;
    const wasAtEnd = end === this.#count;
    this.#count = count;
    if (!wasAtEnd && count >= end) return;
    const keep = Math.max(0, Math.min(this.#blocks.length, count - this.#from) - openMessages);
    this.#blocks = this.#blocks.slice(0, keep);
    // From the first one of the last screen on where nothing is kept: a session that was opened, or cut back.
    if (keep === 0) this.#from = Math.max(0, count - chunk);
    this.#append(count - this.#from - keep);
  }

  /** Lays everything out anew, as for another width; the message at the line `top` stays where it is. */
  relay(layOut: LayOut, top: number): void {
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
   * The lines from number `top` on, as many as fit; without a top, or past the end, the last ones. Minus infinity is the
   * very beginning.
   */
  show(top: number | undefined, rows: number): WindowView {
    if (top === Number.NEGATIVE_INFINITY) this.#openAt(0);
    const follows = top === undefined || top === Number.POSITIVE_INFINITY;
    if (follows && this.#end() < this.#count) this.#openAt(Math.max(0, this.#count - chunk));
    const wanted = follows ? this.#endLine() - rows : Math.max(top, this.#lowest());
    while (this.#from > 0 && wanted < this.#firstLine) this.#prepend();
    while (this.#end() < this.#count && wanted + rows > this.#endLine()) this.#append(chunk);
    const last = Math.max(this.#firstLine, this.#endLine() - rows);
    const shownTop = Math.max(this.#firstLine, Math.min(wanted, last));
    this.#forget(shownTop, rows);
    return this.#view(shownTop, rows, last);
  }

  #lowest(): number {
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
      first: this.#lowest(),
      last: this.#end() < this.#count ? Number.MAX_SAFE_INTEGER : last,
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
    this.#append(chunk);
  }

  #append(count: number): void {
    const messages = count > 0 ? this.#read(this.#end(), count) : [];
    this.#blocks.push(...messages.map((message) => ({ message, lines: this.#layOut(message) })));
    // Fewer than there should be: they cannot be read now, or were deleted since they were counted.
    this.#count = messages.length < count ? this.#end() : Math.max(this.#count, this.#end());
  }

  #prepend(): void {
    const from = Math.max(0, this.#from - chunk);
    const messages = this.#read(from, this.#from - from);
    // Nothing where something must be: what is there is all that can be shown.
    this.#from = messages.length > 0 ? from : 0;
    const blocks = messages.map((message) => ({ message, lines: this.#layOut(message) }));
    this.#firstLine -= lineCount(blocks);
    this.#blocks.unshift(...blocks);
  }

  /** Drops what is far above or below the lines in sight. */
  #forget(top: number, rows: number): void {
    while (this.#blocks.length > mostBlocks) {
      const head = this.#blocks.slice(0, chunk);
      const tail = this.#blocks.slice(-chunk);
      if (this.#firstLine + lineCount(head) < top - rows) {
        this.#firstLine += lineCount(head);
        this.#from += head.length;
        this.#blocks.splice(0, chunk);
      } else if (this.#endLine() - lineCount(tail) > top + 2 * rows) this.#blocks.splice(-chunk);
      else return;
    }
  }
}

function lineCount(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { lines }) => sum + lines.length, 0);
}

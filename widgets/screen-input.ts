import { EventEmitter } from 'node:events';

/** The part of a terminal's input stream that is used; specs pass a fake one. */
export interface KeyStream extends EventEmitter {
  readonly isRaw?: boolean;
  setRawMode?(raw: boolean): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** Turns bracketed paste on and off. A terminal that supports it sends a marker before and after a paste. */
export const bracketedPaste = { on: '\x1b[?2004h', off: '\x1b[?2004l' };

const pasteStart = '\x1b[200~';
const pasteEnd = '\x1b[201~';
/** An incomplete start marker at the end of a read. No complete key sequence ends like this. */
const partialStart = /\x1b\[2(?:0(?:0)?)?$/;
/** Nobody types so many characters between two reads; a paste without markers arrives like this. */
const unmarkedPasteChars = 32;
/** Input within this time after a paste belongs to it. */
const quietMs = 60;
const maxPasteChars = 64 * 1024;

/**
 * The screen's input stream, which separates keys from pastes. Keys are `data` events for blessed. A paste is one
 * `paste` event, so that its letters are not taken for commands.
 */
export class ScreenInput extends EventEmitter {
  readonly isTTY = true;
  readonly #stream: KeyStream;
  /** Latin-1, so that a character is a byte and a read may end within a UTF-8 sequence. */
  #partialMarker = '';
  #paste = '';
  #pasting: 'marked' | 'unmarked' | undefined;
  #quietTimer: NodeJS.Timeout | undefined;
  readonly #onData = (chunk: Buffer | string) => this.#read(Buffer.from(chunk).toString('latin1'));

  constructor(stream: KeyStream) {
    super();
    this.#stream = stream;
    stream.on('data', this.#onData);
  }

  get isRaw(): boolean {
    return this.#stream.isRaw ?? false;
  }

  setRawMode(raw: boolean): void {
    this.#stream.setRawMode?.(raw);
  }

  resume(): void {
    this.#stream.resume();
  }

  pause(): void {
    this.#stream.pause();
  }

  /** Stops reading the terminal. */
  release(): void {
    clearTimeout(this.#quietTimer);
    this.#stream.off('data', this.#onData);
  }

  #read(chunk: string): void {
    const text = this.#partialMarker + chunk;
    this.#partialMarker = '';
    const start = text.indexOf(pasteStart);
    if (this.#pasting === 'marked') {
      this.#readPaste(text);
    } else if (start >= 0) {
      this.#readKeys(text.slice(0, start));
      this.#pasting = 'marked';
      this.#readPaste(text.slice(start + pasteStart.length));
    } else {
      this.#partialMarker = partialStart.exec(text)?.[0] ?? '';
      if (this.#partialMarker !== '') this.#startQuietTimer();
      this.#readKeys(text.slice(0, text.length - this.#partialMarker.length));
    }
  }

  #readPaste(text: string): void {
    const all = this.#paste + text;
    const end = all.indexOf(pasteEnd);
    this.#paste = all.slice(0, end < 0 ? maxPasteChars : end);
    if (end < 0) {
      this.#startQuietTimer();
      return;
    }
    this.#emitPaste();
    this.#read(all.slice(end + pasteEnd.length));
  }

  #readKeys(text: string): void {
    if (this.#pasting === 'unmarked' || isLikelyPaste(text)) {
      this.#pasting = 'unmarked';
      this.#paste = (this.#paste + text).slice(0, maxPasteChars);
      this.#startQuietTimer();
    } else if (text !== '') {
      this.emit('data', Buffer.from(text, 'latin1'));
    }
  }

  /** Ends a paste without an end marker after a pause, and then passes on an incomplete marker as keys. */
  #startQuietTimer(): void {
    clearTimeout(this.#quietTimer);
    this.#quietTimer = setTimeout(() => {
      const partialMarker = this.#partialMarker;
      this.#partialMarker = '';
      if (this.#pasting) this.#emitPaste();
      if (partialMarker !== '') this.emit('data', Buffer.from(partialMarker, 'latin1'));
    }, quietMs);
  }

  #emitPaste(): void {
    clearTimeout(this.#quietTimer);
    const text = Buffer.from(this.#paste, 'latin1').toString('utf8');
    this.#paste = '';
    this.#pasting = undefined;
    if (text !== '') this.emit('paste', text);
  }
}

/**
 * True for text of one read that cannot be typed: long, without escape sequences, and not one key held down.
 * A whole query of a script (`/`, its text, Enter) in one read is not a paste.
 */
function isLikelyPaste(text: string): boolean {
  if (text.length < unmarkedPasteChars || text.includes('\x1b')) return false;
  if (/^\/[^\r\n]*\r?$/.test(text)) return false;
  return new Set(text).size > 3;
}

import { EventEmitter } from 'node:events';

/** What otop needs of a terminal's input stream; specs give a fake one. */
export interface KeyStream extends EventEmitter {
  readonly isRaw?: boolean;
  setRawMode?(raw: boolean): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** Turns bracketed paste on and off: a terminal that knows it marks where a paste begins and ends. */
export const bracketedPaste = { on: '\x1b[?2004h', off: '\x1b[?2004l' };

const pasteStart = '\x1b[200~';
const pasteEnd = '\x1b[201~';
/** A marker that is not whole yet; no key of its own begins like this. */
const partOfStart = /\x1b\[2(?:0(?:0)?)?$/;
/** Nobody types so much between two reads; a terminal without bracketed paste hands a paste over like this. */
const unmarkedPasteChars = 32;
/** What follows a paste within this is the rest of it. */
const quietMs = 60;
const mostPasteChars = 64 * 1024;

/**
 * The input of the screen's own on the same terminal, which tells keys and pastes apart: keys go on as `data` to
 * blessed, a paste is one `paste` event, so that its letters are nobody's commands.
 */
export class ScreenInput extends EventEmitter {
  readonly isTTY = true;
  readonly #stream: KeyStream;
  /** Latin-1: a character is a byte, so that a cut through UTF-8 harms nothing. */
  #held = '';
  #paste = '';
  #pasting: 'marked' | 'unmarked' | undefined;
  #quiet: NodeJS.Timeout | undefined;
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

  release(): void {
    clearTimeout(this.#quiet);
    this.#stream.off('data', this.#onData);
  }

  #read(chunk: string): void {
    const text = this.#held + chunk;
    this.#held = '';
    const start = text.indexOf(pasteStart);
    if (this.#pasting === 'marked') {
      this.#takePaste(text);
    } else if (start >= 0) {
      this.#takeKeys(text.slice(0, start));
      this.#pasting = 'marked';
      this.#takePaste(text.slice(start + pasteStart.length));
    } else {
      this.#held = partOfStart.exec(text)?.[0] ?? '';
      if (this.#held !== '') this.#wait();
      this.#takeKeys(text.slice(0, text.length - this.#held.length));
    }
  }

  #takePaste(text: string): void {
    const all = this.#paste + text;
    const end = all.indexOf(pasteEnd);
    this.#paste = all.slice(0, end < 0 ? mostPasteChars : end);
    if (end < 0) {
      this.#wait();
      return;
    }
    this.#finish();
    this.#read(all.slice(end + pasteEnd.length));
  }

  #takeKeys(text: string): void {
    if (this.#pasting === 'unmarked' || looksPasted(text)) {
      this.#pasting = 'unmarked';
      this.#paste = (this.#paste + text).slice(0, mostPasteChars);
      this.#wait();
    } else if (text !== '') {
      this.emit('data', Buffer.from(text, 'latin1'));
    }
  }

  /** A paste whose end is never marked ends by itself; part of a marker that stays one was a key. */
  #wait(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      const held = this.#held;
      this.#held = '';
      if (this.#pasting) this.#finish();
      if (held !== '') this.emit('data', Buffer.from(held, 'latin1'));
    }, quietMs);
  }

  #finish(): void {
    clearTimeout(this.#quiet);
    const text = Buffer.from(this.#paste, 'latin1').toString('utf8');
    this.#paste = '';
    this.#pasting = undefined;
    if (text !== '') this.emit('paste', text);
  }
}

/**
 * True for what came in one read and cannot have been typed: long, without escape sequences, not one key held down.
 * A whole query from a script (`/`, its text, Enter) may come in one piece.
 */
function looksPasted(text: string): boolean {
  if (text.length < unmarkedPasteChars || text.includes('\x1b')) return false;
  if (/^\/[^\r\n]*\r?$/.test(text)) return false;
  return new Set(text).size > 3;
}

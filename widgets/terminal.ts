import type blessed from 'blessed';
import terminfo from 'blessed/lib/tput.js';
import unicode from 'blessed/lib/unicode.js';
import Box from 'blessed/lib/widgets/box.js';
import BlessedScreen from 'blessed/lib/widgets/screen.js';
import { cellWidth } from '../lib/text/width.ts';
import type { MouseInput } from '../lib/view/hit.ts';
import { type KeyPress, keyName } from './keys.ts';
import { bracketedPaste, type KeyStream, ScreenInput } from './screen-input.ts';
import { ScreenOutput, type TerminalStream } from './screen-output.ts';

/** One cell of blessed's buffer: its attributes and its text. */
type ScreenCell = [attributes: number, text: string];

/** A line of blessed's buffer; the next draw only reads lines with `dirty` set. */
export type ScreenLine = ScreenCell[] & { dirty: boolean };

/** A blessed screen, with fields that its types lack. */
type Screen = Omit<blessed.Widgets.Screen, 'program'> & {
  readonly lines: ScreenLine[];
  readonly program: Program;
};

/** The part of blessed's program that is used; blessed's types have only half of it. */
interface Program {
  on(event: 'keypress', listener: (ch: string | undefined, key: KeyPress | undefined) => void): void;
  on(event: 'mouse', listener: (mouse: BlessedMouse) => void): void;
  setMouse(modes: Readonly<Record<string, boolean>>, enable: boolean): void;
  disableMouse(): void;
  readonly mouseEnabled?: boolean;
  pause(): () => void;
  flush(): void;
  useBuffer: boolean;
}

interface BlessedMouse {
  readonly action: string;
  readonly button?: string;
  readonly x: number;
  readonly y: number;
}

/** A blessed element; its position is in cells. */
export type Element = blessed.Widgets.BoxElement;

/** The streams and settings of a terminal. */
export interface TerminalOptions {
  readonly input: KeyStream;
  readonly output: TerminalStream;
  /** TERM is read from it, and variables for blessed are set in it. */
  readonly env: Record<string, string | undefined>;
  readonly mouse: boolean;
}

/** The terminal while otop uses it. */
export interface Terminal {
  /** The parent of every element, for the grid. */
  readonly screen: object;
  readonly cols: number;
  readonly rows: number;
  /** The buffer of cells; elements paint into it. */
  readonly lines: readonly ScreenLine[];
  /** Creates an element. Each render calls `paint` instead of blessed's own drawing. */
  box(options: object, paint: () => void): Element;
  /**
   * Draws changed cells. Returns false if it must wait until the terminal has accepted earlier output. Only the
   * dashboard calls it.
   */
  render(): boolean;
  /** Redraws all cells, since the terminal may show something else. */
  redraw(): void;
  /** Sets the terminal's title; characters other than printable ASCII are removed. */
  setTitle(title: string): void;
  /** Copies a text to the terminal's clipboard (OSC 52, xterm); a terminal without OSC 52 ignores it. */
  copy(text: string): void;
  /** Calls the listener with each key, in the notation of `keyName`. */
  onKey(listener: (key: string) => void): void;
  /** Calls the listener with each pasted text. */
  onPaste(listener: (text: string) => void): void;
  onMouse(listener: (mouse: MouseInput) => void): void;
  onResize(listener: () => void): void;
  setMouse(enabled: boolean): void;
  /** Restores the terminal for a while. The returned function takes it again and redraws everything. */
  pause(): () => void;
  /** Restores the terminal for good; further calls do nothing. Returns false if the terminal is blocked. */
  destroy(): boolean;
}

/** Reports presses, releases and the wheel, also past column 223. blessed's default would report every movement too. */
const mouseModes = { vt200Mouse: true, sgrMouse: true };

/** Takes the terminal: alternate screen, raw keys, hidden cursor. `destroy` restores it. */
export function createTerminal(options: TerminalOptions): Terminal {
  const terminal = new BlessedTerminal(options);
  if (options.mouse) terminal.setMouse(true);
  return terminal;
}

class BlessedTerminal implements Terminal {
  readonly screen: Screen;
  readonly #input: ScreenInput;
  readonly #output: ScreenOutput;
  #title = '';
  #destroyed = false;
  #isRestored = false;

  constructor({ input, output, env }: TerminalOptions) {
    this.#output = new ScreenOutput(output);
    this.#input = new ScreenInput(input);
    this.screen = createScreen(env, this.#input, this.#output);
    this.#output.on('caught up', () => {
      if (!this.#destroyed) this.screen.render();
    });
    // Saves the terminal's title on xterm's title stack; a terminal without one ignores it.
    this.#output.write(`\x1b[22;0t${bracketedPaste.on}`);
  }

  get cols(): number {
    return this.screen.width as number;
  }

  get rows(): number {
    return this.screen.height as number;
  }

  get lines(): readonly ScreenLine[] {
    return this.screen.lines;
  }

  box(options: object, paint: () => void): Element {
    const element = new Box({ ...options, tags: false }) as Element;
    element.render = paint as unknown as typeof element.render;
    return element;
  }

  render(): boolean {
    if (this.#output.isBlocked) return false;
    this.screen.render();
    return true;
  }

  redraw(): void {
    this.screen.realloc();
    this.screen.render();
  }

  setTitle(title: string): void {
    const safe = title.replace(/[^\x20-\x7e]/g, '');
    if (safe === this.#title || this.#destroyed) return;
    this.#title = safe;
    this.#output.write(`\x1b]2;${safe}\x07`);
  }

  copy(text: string): void {
    if (!this.#destroyed) this.#output.write(`\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`);
  }

  onKey(listener: (key: string) => void): void {
    const whole = joinSurrogates();
    this.screen.program.on('keypress', (ch, key) => {
      const name = whole(keyName(ch, key));
      if (name === undefined) return;
      // On a slow connection, Escape and a key in one packet look like Alt and that key. otop has no Alt keys.
      const alone = /^M-(.)$/u.exec(name)?.[1];
      if (alone !== undefined) listener('Esc');
      listener(alone ?? name);
    });
  }

  onPaste(listener: (text: string) => void): void {
    this.#input.on('paste', listener);
  }

  onMouse(listener: (mouse: MouseInput) => void): void {
    this.screen.program.on('mouse', (mouse) => {
      const input = mouseInput(mouse);
      if (input) listener(input);
    });
  }

  onResize(listener: () => void): void {
    this.screen.on('resize', listener);
  }

  setMouse(enabled: boolean): void {
    const { program } = this.screen;
    if (enabled) program.setMouse({ ...mouseModes }, true);
    else program.disableMouse();
  }

  pause(): () => void {
    const { program } = this.screen;
    // blessed's `pause` writes into its buffer and then turns writing off, so the output would be lost without this.
    this.#output.write(bracketedPaste.off);
    program.flush();
    program.useBuffer = false;
    const resume = program.pause();
    program.useBuffer = true;
    this.#output.drain();
    return () => {
      if (this.#destroyed) return;
      resume();
      this.#output.write(bracketedPaste.on);
      if (program.mouseEnabled) program.setMouse({ ...mouseModes }, true);
      this.redraw();
    };
  }

  destroy(): boolean {
    if (this.#destroyed) return this.#isRestored;
    this.#destroyed = true;
    this.screen.program.disableMouse();
    this.screen.destroy();
    // Clears the title first: without a title stack, for example in tmux, an old count would stay in the title.
    this.#output.write(`${bracketedPaste.off}\x1b]2;\x07\x1b[23;0t`);
    this.#output.release();
    this.#input.release();
    this.#isRestored = this.#output.drain();
    return this.#isRestored;
  }
}

function createScreen(env: TerminalOptions['env'], input: ScreenInput, output: ScreenOutput): Screen {
  patchWidths();
  const terminal = terminfoName(env.TERM);
  // The terminal is described by blessed on every system: most systems' newer descriptions it cannot read.
  if (terminal === xterm) terminfo.ipaths.length = 0;
  // Draws borders as text, not by the alternate character set, which tmux captures as `lqqk`.
  env.NCURSES_NO_UTF8_ACS = '1';
  // With TMUX set, blessed would run `tmux -V` and wrap its sequences for the outer terminal.
  const { TMUX } = env;
  delete env.TMUX;
  try {
    return new BlessedScreen({
      input,
      output,
      terminal,
      fullUnicode: true,
      forceUnicode: true,
      warnings: false,
    }) as Screen;
  } finally {
    if (TMUX !== undefined) env.TMUX = TMUX;
  }
}

const xterm = 'xterm-256color';

/**
 * Returns the terminfo name for blessed, whose reader only knows the old format: for others it prints an error and uses
 * 8 colours.
 */
function terminfoName(term: string | undefined): string {
  return term !== undefined && /^(linux|vt\d|dumb)/.test(term) ? term : xterm;
}

/** Replaces blessed's widths, which count emoji as one cell: renderer, layout and terminal must agree. */
function patchWidths(): void {
  unicode.charWidth = (text, index = 0) => {
    const codePoint = typeof text === 'number' ? text : text.codePointAt(index);
    return codePoint === undefined || codePoint < 0x20 ? 0 : cellWidth(codePoint);
  };
}

/** Joins surrogate pairs: blessed reports a character beyond the first plane as two keys. */
function joinSurrogates(): (name: string | undefined) => string | undefined {
  let first = '';
  return (name) => {
    if (name !== undefined && /^[\ud800-\udbff]$/.test(name)) {
      first = name;
      return undefined;
    }
    const whole = name === undefined ? undefined : first + name;
    first = '';
    return whole;
  };
}

function mouseInput({ action, button, x, y }: BlessedMouse): MouseInput | undefined {
  if (action === 'wheelup') return { kind: 'wheel-up', x, y };
  if (action === 'wheeldown') return { kind: 'wheel-down', x, y };
  return action === 'mousedown' && button === 'left' ? { kind: 'click', x, y } : undefined;
}

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
import { compileWhenCalled, forgetSystemTerminfo } from './terminfo.ts';

/** One cell of blessed's buffer: its attributes and its text. */
type ScreenCell = [attributes: number, text: string];

/** A line of blessed's buffer; `dirty` makes the next draw look at it. */
export type ScreenLine = ScreenCell[] & { dirty: boolean };

/** A blessed screen, with what its types leave out. */
type Screen = Omit<blessed.Widgets.Screen, 'program'> & {
  readonly lines: ScreenLine[];
  readonly program: Program;
};

/** What is used of blessed's program; its types know half of it. */
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

/** A blessed element whose place is given in cells. */
export type Element = blessed.Widgets.BoxElement;

/** What a terminal is taken with. */
export interface TerminalOptions {
  readonly input: KeyStream;
  readonly output: TerminalStream;
  /** Read for TERM, and written to before blessed reads it. */
  readonly env: Record<string, string | undefined>;
  readonly mouse: boolean;
}

/** The terminal while it is otop's. */
export interface Terminal {
  /** The parent of every element, for the grid. */
  readonly screen: object;
  readonly cols: number;
  readonly rows: number;
  /** The buffer that elements paint into. */
  readonly lines: readonly ScreenLine[];
  /** Makes an element; `paint` is called at each render, with nothing drawn by blessed itself. */
  box(options: object, paint: () => void): Element;
  /** Draws what changed; false where that has to wait until the terminal has taken what was drawn before. Called by the dashboard only. */
  render(): boolean;
  /** Forgets what is on the terminal, and draws all of it. */
  redraw(): void;
  setTitle(title: string): void;
  /** Offers a text to the terminal's clipboard (OSC 52, xterm); a terminal that does not know it ignores it. */
  copy(text: string): void;
  onKey(listener: (key: string) => void): void;
  /** What came in one piece, and is not to be taken for keys. */
  onPaste(listener: (text: string) => void): void;
  onMouse(listener: (mouse: MouseInput) => void): void;
  onResize(listener: () => void): void;
  setMouse(enabled: boolean): void;
  /** Gives the terminal back for a while; the returned function takes it again and draws everything. */
  pause(): () => void;
  /** Gives the terminal back for good; once, however often it is called. False where it does not take even that. */
  destroy(): boolean;
}

compileWhenCalled(terminfo);

/** Presses, releases and the wheel, past column 223 too; not every movement, as blessed's own choice would. */
const mouseModes = { vt200Mouse: true, sgrMouse: true };

/** Takes the terminal: alternate screen, raw keys, hidden cursor. */
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
    // The terminal keeps the title it had (xterm's title stack; those without one ignore it).
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
    if (this.#output.isBehind) return false;
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
    const whole = wholeCharacters();
    this.screen.program.on('keypress', (ch, key) => {
      const name = whole(keyName(ch, key));
      if (name === undefined) return;
      // Escape and a key in one packet, as slow lines send them, look like Alt and that key; Alt means nothing here.
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
    // blessed's `pause` writes into its buffer and then turns writing off: without this nothing would get out.
    this.#output.write(bracketedPaste.off);
    program.flush();
    program.useBuffer = false;
    const resume = program.pause();
    program.useBuffer = true;
    this.#output.settle();
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
    // Empty first: without a title stack, as in tmux, an old count must not stay in the title.
    this.#output.write(`${bracketedPaste.off}\x1b]2;\x07\x1b[23;0t`);
    this.#output.release();
    this.#input.release();
    this.#isRestored = this.#output.settle();
    return this.#isRestored;
  }
}

function createScreen(env: TerminalOptions['env'], input: ScreenInput, output: ScreenOutput): Screen {
  patchWidths();
  const terminal = terminfoName(env.TERM);
  if (terminal === xterm) forgetSystemTerminfo(terminfo);
  // Borders as text, not through the alternate character set, which tmux captures as `lqqk`.
  env.NCURSES_NO_UTF8_ACS = '1';
  // Under tmux blessed would run `tmux -V` and wrap its sequences for the outer terminal.
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

/** blessed's reader knows terminfo's old format only: what it cannot read becomes 8 colours, and prints an error. */
function terminfoName(term: string | undefined): string {
  return term !== undefined && /^(linux|vt\d|dumb)/.test(term) ? term : xterm;
}

/** blessed counts emoji as one cell; the renderer has to agree with the layout, and both with the terminal. */
function patchWidths(): void {
  unicode.charWidth = (text, index = 0) => {
    const codePoint = typeof text === 'number' ? text : text.codePointAt(index);
    return codePoint === undefined || codePoint < 0x20 ? 0 : cellWidth(codePoint);
  };
}

/** blessed cuts a character beyond the first plane in two: holds the first half until the second comes. */
function wholeCharacters(): (name: string | undefined) => string | undefined {
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

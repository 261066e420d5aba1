import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Action } from '../../lib/domain/ui/action.ts';
import type { DashboardView } from '../../lib/view/dashboard.ts';
import { themeStyles } from '../../lib/view/themes.ts';
import { createDashboard } from '../../widgets/dashboard.ts';
import type { TerminalStream } from '../../widgets/screen-output.ts';
import { createTerminal, type Terminal } from '../../widgets/terminal.ts';

/** A write-only terminal on which real blessed draws; specs read blessed's buffer. */
class FakeOutput extends EventEmitter implements TerminalStream {
  readonly isTTY = true;
  columns: number;
  rows: number;
  written = '';

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
  }

  write(chunk: string | Uint8Array): boolean {
    this.written += chunk.toString();
    return true;
  }
}

/** A headless screen that shows frames. */
export interface HeadlessScreen {
  readonly terminal: Terminal;
  readonly keys: readonly string[];
  readonly pastes: readonly string[];
  readonly actions: readonly Action[];
  /** Shows a frame; resolves when it is drawn. */
  show(view: DashboardView): Promise<void>;
  /** The cells as text, one line per row. */
  text(): string;
  /** Returns everything sent to the terminal since the last call. */
  sent(): string;
  type(bytes: string): void;
  resize(cols: number, rows: number): void;
  close(): void;
}

/** Starts real blessed on fake streams. */
export function headlessScreen(cols: number, rows: number): HeadlessScreen {
  const output = new FakeOutput(cols, rows);
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const terminal = createTerminal({
    input,
    output,
    env: {},
    mouse: true,
  });
  const dashboard = createDashboard(terminal, themeStyles('default'));
  const keys: string[] = [];
  const actions: Action[] = [];
  const pastes: string[] = [];
  terminal.onKey((key) => keys.push(key));
  terminal.onPaste((text) => pastes.push(text));
  dashboard.onAction((action) => actions.push(action));
  return {
    terminal,
    keys,
    pastes,
    actions,
    async show(view) {
      dashboard.update(view);
      // The first event loop turn draws, the second one flushes blessed's output.
      for (let turn = 0; turn < 2; turn++) await new Promise((done) => setImmediate(done));
    },
    text: () => terminal.lines.map(lineText).join('\n'),
    sent() {
      const { written } = output;
      output.written = '';
      return written;
    },
    type(bytes) {
      input.emit('data', Buffer.from(bytes));
    },
    resize(columns, lines) {
      Object.assign(output, { columns, rows: lines });
      output.emit('resize');
    },
    close: () => terminal.destroy(),
  };
}

function lineText(line: Terminal['lines'][number]): string {
  return line
    .map(([, text]) => text)
    .join('')
    .replaceAll('\x03', '')
    .trimEnd();
}

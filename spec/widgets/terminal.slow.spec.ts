import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { reduce } from '../../lib/domain/ui/reduce.ts';
import { dashboardView } from '../../lib/view/dashboard.ts';
import { frameText } from '../../lib/view/frame.ts';
import { board, fleet, frame, screenState } from '../support/board.ts';
import { nowMs } from '../support/builders.ts';
import { openPane, type TmuxPane } from '../support/tmux.ts';
import { waitMs } from '../support/wait.ts';

/** Checks what the cell buffer cannot show: ghosts, resize, suspend, and the terminal after each kind of exit. */
const root = resolve(import.meta.dirname, '../..');
let folder = '';
let program = '';
let panes = 0;
let pane: TmuxPane;

beforeAll(async () => {
  // Inside the repository, where its packages are found.
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, 'otop-screen-'));
  program = join(folder, 'program.js');
  const bundle = await rolldown({
    input: join(root, 'spec/support/screen-program.ts'),
    platform: 'node',
    external: /^[a-z]/,
  });
  await bundle.write({ file: program, format: 'esm' });
  await bundle.close();
});

afterEach(() => pane.close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts the program in a shell; `say` then prints its exit code. */
async function start(cols: number, rows: number, options = ''): Promise<void> {
  panes += 1;
  pane = openPane(
    `otop-spec-${process.pid}-${panes}`,
    cols,
    rows,
    `cd ${root} && PS1='$ ' exec bash --norc --noediting`,
  );
  await pane.until((text) => text.startsWith('$'));
  pane.keys(`stty -a > ${folder}/before; clear; node ${options} ${program}; echo "code $?"`, 'Enter');
  await pane.until((text) => text.includes('? help'));
}

/** Counts the watchdog shells on the pane's terminal. */
function keepers(): number {
  const terminal = pane.terminal();
  return readdirSync('/proc').filter((pid) => {
    try {
      const isKeeper = readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('/bin/sh\0-c\0read -r _;');
      return isKeeper && readlinkSync(`/proc/${pid}/fd/1`) === terminal;
    } catch {
      // No process, or one that ended meanwhile.
      return false;
    }
  }).length;
}

async function expectSaneShell(): Promise<void> {
  expect(pane.modes()).toBe('0 1 0');
  pane.keys(`stty -a | diff - ${folder}/before && echo the same`, 'Enter');
  await pane.until((text) => /^the same$/m.test(text));
}

function expected(cols: number, rows: number): string {
  const shown = board(fleet);
  const ui = reduce(screenState(shown), { type: 'board' }, { board: shown, nowMs }).state;
  const { self: _self, ...context } = frame(cols, rows);
  return frameText(dashboardView(shown, ui, context));
}

/** Like `frameText`, tmux cuts blanks at the end of each captured line; it also adds a newline at the end. */
const shown = (text: string) => text.replace(/\n$/, '');

describe('the screen in a real tmux', () => {
  it('shows the frame at each size, with emoji and CJK aligned', async () => {
    await start(160, 45);
    await pane.until((text) => shown(text) === expected(160, 45));
    for (const [cols, rows] of [
      [80, 24],
      [40, 12],
      [10, 3],
      [110, 30],
    ] as const) {
      pane.resize(cols, rows);
      await pane.until((text) => shown(text) === expected(cols, rows));
    }
    expect(pane.modes()).toBe('1 0 1');
  });

  it('shows no leftover cells when wide titles appear and disappear', async () => {
    await start(100, 28);
    const before = await pane.until((text) => shown(text) === expected(100, 28));
    pane.keys('T');
    await pane.until((text) => text.includes('👨 family DE flag ⚠ ❤'));
    pane.keys('T');
    await pane.until((text) => text === before);
  });

  it('captures foreign output, and prints it afterwards', async () => {
    await start(100, 28);
    const before = await pane.until((text) => shown(text) === expected(100, 28));
    pane.keys('P', '?');
    await pane.until((text) => text.includes('this help'));
    pane.keys('?');
    await pane.until((text) => text === before);
    pane.keys('q');
    const after = await pane.until((text) => text.includes('code 0'));
    expect(after).toContain('stray on stdout');
    expect(after).toContain('stray warning');
  });

  it('restores the terminal while it is suspended, and continues after fg', async () => {
    await start(100, 28);
    pane.keys('C-z');
    await pane.until((text) => text.includes('Stopped'));
    await expectSaneShell();
    pane.keys('clear; fg; echo "code $?"', 'Enter');
    await pane.until((text) => shown(text) === expected(100, 28));
    expect(pane.modes()).toBe('1 0 1');
    pane.keys('j', 'q');
    await pane.until((text) => text.includes('code 0'));
    await expectSaneShell();
  });

  it('adapts to a size that changed while it was suspended', async () => {
    await start(100, 28);
    pane.keys('C-z');
    await pane.until((text) => text.includes('Stopped'));
    pane.resize(70, 20);
    pane.keys('clear; fg', 'Enter');
    await pane.until((text) => shown(text) === expected(70, 20));
    pane.keys('q');
  });

  it.each([
    ['SIGTERM', 't', 143],
    ['SIGINT', 'i', 130],
    ['SIGHUP', 'h', 129],
    ['SIGQUIT', 'q', 131],
  ])('restores the terminal on %s', async (_signal, key, code) => {
    await start(80, 24);
    pane.keys('S', key);
    await pane.until((text) => text.includes(`code ${code}`));
    await expectSaneShell();
  });

  it('restores the terminal on a signal even with a live child and other listeners', async () => {
    await start(80, 24);
    pane.keys('C');
    await pane.until((text) => text.includes('a child is alive'));
    pane.keys('S', 't');
    await pane.until((text) => text.includes('code 143'));
    await expectSaneShell();
  });

  it('stops on a SIGTSTP from outside like on Ctrl-Z, and continues after fg', async () => {
    await start(100, 28);
    pane.keys('S', 'z');
    await pane.until((text) => text.includes('Stopped'));
    await expectSaneShell();
    pane.keys('clear; fg; echo "code $?"', 'Enter');
    await pane.until((text) => shown(text) === expected(100, 28));
    pane.keys('j', 'q');
    await pane.until((text) => text.includes('code 0'));
  });

  it('ends without a core dump when its pane is closed', async () => {
    const [code, errors] = [`${folder}/code`, `${folder}/errors`];
    const script = `trap "" HUP TERM; node ${program} 2> ${errors}; echo $? > ${code}`;
    pane = openPane(`otop-spec-${process.pid}-closed`, 80, 24, `cd ${root} && bash -c '${script}'`);
    await pane.until((text) => text.includes('? help'));
    pane.close();
    await expect
      .poll(() => existsSync(code) && readFileSync(code, 'utf8'), { timeout: waitMs })
      .toBe('129\n');
    expect(readFileSync(errors, 'utf8')).toBe('');
    pane = openPane(`otop-spec-${process.pid}-closed`, 80, 24, 'cat');
  });

  it.each([
    ['kill -9', 'K', ''],
    ['memory that is gone at one stroke', 'A', '--max-old-space-size=96'],
  ])('is restored by its watchdog after %s, which otop cannot survive', async (_what, key, options) => {
    await start(80, 24, options);
    await expect.poll(keepers, { timeout: waitMs }).toBe(1);
    pane.keys(key);
    // The shell's own words may come before, on the screen that goes.
    await expect.poll(() => pane.modes(), { timeout: waitMs }).toBe('0 1 0');
    await expect.poll(keepers, { timeout: waitMs }).toBe(0);
    await expectSaneShell();
  });

  it('has a watchdog exactly as long as otop uses the terminal', async () => {
    await start(80, 24);
    await expect.poll(keepers, { timeout: waitMs }).toBe(1);
    pane.keys('C-z');
    await pane.until((text) => text.includes('Stopped'));
    await expect.poll(keepers, { timeout: waitMs }).toBe(0);
    pane.keys('clear; fg; echo "code $?"', 'Enter');
    await expect.poll(keepers, { timeout: waitMs }).toBe(1);
    pane.keys('q');
    await pane.until((text) => text.includes('code 0'));
    await expect.poll(keepers, { timeout: waitMs }).toBe(0);
  });

  it.each([
    ['a rejected promise', 'R', 'Error: a rejection on purpose', ''],
    ['the end of its memory', 'O', 'out of memory: ', '--max-semi-space-size=1 --max-old-space-size=96'],
  ])('restores the terminal on %s, says so and exits with 70', async (_what, key, words, options) => {
    await start(80, 24, options);
    pane.keys(key);
    expect(await pane.until((text) => text.includes('code 70'))).toContain(words);
    await expectSaneShell();
  });

  it('restores the terminal on a bug, prints its stack and exits with 70', async () => {
    await start(80, 24);
    pane.keys('X');
    const text = await pane.until((shownText) => shownText.includes('code 70'));
    expect(text).toContain('Error: a bug on purpose');
    await expectSaneShell();
  });
});

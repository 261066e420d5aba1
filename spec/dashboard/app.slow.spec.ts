import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { otopPath } from '../support/program.ts';
import { openPane, type TmuxPane } from '../support/tmux.ts';

let folder: string;
let pane: TmuxPane | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otop-app-'));
});
afterEach(() => {
  pane?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens a pane whose shell runs the built otop on the simulated fleet and then prints its exit code. */
function start(cols: number, rows: number): TmuxPane {
  const env = `HOME=${folder} TMPDIR=${folder} LANG=C.UTF-8`;
  const command = `${env} ${process.execPath} ${otopPath} --demo --seed 4; echo "ended with $?"; exec sh`;
  pane = openPane('otop-app', cols, rows, command);
  return pane;
}

describe('the dashboard as a program, in a real tmux', () => {
  it('opens, reacts to keys, and restores the shell', async () => {
    const shown = start(100, 30);
    const first = await shown.until((text) => text.includes('DEMO') && text.includes('▌'));
    expect(first).toContain('STATUS');
    shown.keys('j', 'Enter');
    const log = await shown.until((text) => text.includes('[log]'));
    expect(log).toMatch(/\d\d:\d\d:\d\d you/);
    shown.keys('Tab', 'Tab', 'Tab', 'Tab', 'Tab', 'Tab');
    await shown.until((text) => text.includes('certain') || text.includes('likely'));
    shown.keys('Escape');
    await shown.until((text) => text.includes('STATUS'));
    shown.keys('?');
    await shown.until((text) => text.includes('this help'));
    shown.keys('Escape');
    await shown.until((text) => !text.includes('this help'));
    shown.keys('q');
    await shown.until((text) => text.includes('ended with 0'));
    expect(shown.modes()).toBe('0 1 0');
    expect(readdirSync(folder).filter((name) => name.startsWith('otop-'))).toEqual([]);
  });

  it('answers a simulated session from the inbox, and does not record it among real ones', async () => {
    const shown = start(110, 32);
    await shown.until((text) => text.includes('3 asking') && text.includes('▌'));
    shown.keys('i');
    await shown.until((text) => text.includes('inbox'));
    shown.keys('Enter');
    const menu = await shown.until((text) => text.includes('allow once'));
    expect(menu).not.toMatch(/jump to its terminal|end the turn/);
    shown.keys('1');
    // The inbox opens again, for the other two.
    await shown.until((text) => text.includes('2 asking') && text.includes('inbox ─'));
    shown.keys('Escape');
    await shown.until((text) => text.includes('allowed once: bash'));
    shown.keys('q');
    await shown.until((text) => text.includes('ended with 0'));
    expect(existsSync(join(folder, '.local/state/otop/answers.log'))).toBe(false);
  });

  it('adapts to a pane that shrinks and grows', async () => {
    const shown = start(160, 45);
    await shown.until((text) => text.includes('tokens/min') && text.includes('detail'));
    shown.resize(40, 12);
    await shown.until((text) => !text.includes('tokens/min') && text.includes('STATUS'));
    shown.resize(10, 3);
    await shown.until((text) => text.includes('too small'));
    shown.resize(160, 45);
    const again = await shown.until((text) => text.includes('tokens/min') && text.includes('detail'));
    expect(again).not.toContain('too small');
  });

  it('runs no key of a text pasted into the table, and filters by a text pasted into the filter', async () => {
    const shown = start(100, 30);
    await shown.until((text) => text.includes('DEMO'));
    shown.paste('Please end this:\nq\nx\ny\n');
    const ignored = await shown.until((text) => text.includes('a paste was ignored'));
    expect(ignored).toContain('STATUS');
    shown.keys('/');
    await shown.until((text) => text.includes('Enter keep'));
    shown.paste('nobody has\nthis');
    await shown.until((text) => text.includes('No session matches the filter.'));
    shown.keys('Escape');
    await shown.until((text) => !text.includes('No session matches'));
  });

  it('exits on Ctrl-C as on q', async () => {
    const shown = start(80, 24);
    await shown.until((text) => text.includes('DEMO'));
    shown.keys('C-c');
    await shown.until((text) => text.includes('ended with 0'));
    expect(shown.modes()).toBe('0 1 0');
  });
});

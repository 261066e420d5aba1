import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promptOver } from '../http-session.ts';
import { openDashboard } from '../notice.ts';
import type { Pane, Rig } from '../rig.ts';
import { serving } from './servers.ts';
import { elsewhere, home, type Story } from './story.ts';

/** Reads and operates a dashboard. */
export function screenOf(rig: Rig, { id }: Pane) {
  const text = async () => (await rig.tmux.capture([id]))[0] ?? '';
  const shows = async (what: string, maxMs = 10_000) => {
    const endMs = Date.now() + maxMs;
    while (Date.now() < endMs) {
      if ((await text()).includes(what)) return true;
      await sleep(100);
    }
    return false;
  };
  const until = async (what: string) => {
    if (!(await shows(what))) throw new Error(`the dashboard never shows "${what}":\n${await text()}`);
  };
  const press = async (...keys: string[]) => {
    for (const key of keys) await rig.tmux.press(id, key);
  };
  return {
    text,
    until,
    press,
    type: (words: string) => rig.tmux.type(id, words),
    /** Opens the inbox when the server of the asks with these words is connected. */
    async untilReached(words: string) {
      for (let tries = 0; tries < 20; tries += 1) {
        await press('i');
        // Before otop knows any ask, `i` opens nothing.
        if (!(await shows('┌ inbox', 2_000))) continue;
        const lines = menuLines(await text()).filter((line) => line.includes(words));
        if (lines.length > 0 && !lines.some((line) => line.includes('no server reaches it'))) return;
        await press('Escape');
        await sleep(1000);
      }
      throw new Error(`no server is reached:\n${await text()}`);
    },
    /** Opens the ask with this word, from the inbox with its first ask selected. */
    async open(word: string) {
      await until('┌ inbox');
      const place = menuLines(await text()).findIndex((line) => line.includes(word));
      if (place < 0) throw new Error(`no ask of ${word}:\n${await text()}`);
      await press(...Array.from({ length: place }, () => 'Down'), 'Enter');
      await until('end the turn');
    },
  };
}

/** Returns the lines of the inbox only, since the table below contains the same words. */
function menuLines(text: string): readonly string[] {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.includes('┌ inbox'));
  const last = lines.findIndex((line, index) => index > first && line.includes('└'));
  return lines.slice(first + 1, last).filter((line) => /echo ask|Which database for/.test(line));
}

/** Answers all kinds of asks on the screen: two identical asks by one key, the others one by one. */
export const inbox: Story = {
  name: 'inbox',
  async play({ rig, expect, report, sessionOf }) {
    const { pane, url } = await serving(rig);
    const word = (index: number) => `inbox${rig.seed}x${index}p1`;
    const ask = async (index: number, directory: string, script: string) =>
      (await promptOver(url, directory, word(index), script)).id;
    const ids = [
      await ask(1, home(rig), 'ask say'),
      await ask(1, elsewhere(rig), 'ask say'),
      await ask(2, home(rig), 'question say'),
      await ask(3, home(rig), 'question say'),
      await ask(4, home(rig), 'ask say'),
      await ask(5, home(rig), 'ask stream:90'),
      await ask(6, elsewhere(rig), 'ask ask say'),
    ];
    await sleep(3000);
    const locked = await openDashboard(rig, '--read-only');
    await screenOf(rig, locked).press('i');
    await screenOf(rig, locked).until('otop was started with --read-only');
    report.check(true, 'the inbox stays shut under --read-only');
    await screenOf(rig, locked).press('q');
    await rig.close(locked);

    const dashboard = await openDashboard(rig, '--delay 1');
    const screen = screenOf(rig, dashboard);
    await screen.untilReached('inbox');
    await screen.open(word(1));
    const alike = await screen.text();
    report.check(
      alike.includes('in all 2 sessions that ask the same'),
      'two identical asks stand side by side',
    );
    await screen.press('2');
    await screen.open(word(2));
    await screen.press('2');
    await screen.open(word(3));
    await screen.press('w');
    await screen.type('a database of my own');
    await screen.open(word(4));
    await screen.press('r');
    await screen.open(word(6));
    await screen.press('Down', 'Down', 'Enter');
    await screen.type('yes');
    await screen.until('type the word');
    report.check(true, '"always" wants its own word');
    await screen.press('i');
    await screen.open(word(6));
    await screen.press('Down', 'Down', 'Enter');
    await screen.type('always');
    await screen.open(word(5));
    await screen.press('X');
    await screen.until('End the turn of');
    await sleep(400);
    await screen.press('y');
    await screen.until('ended the turn');
    await screen.press('i');
    await screen.until('no session asks anything');
    await expect('what was answered on the screen is at rest', (rows) =>
      ids.every((id) => rows.find(({ session }) => session?.id === id)?.session?.status === 'idle'),
    );
    await screen.press('q');
    await rig.close(dashboard);
    const log = await readFile(join(rig.sandbox.env.XDG_STATE_HOME ?? '', 'otop/answers.log'), 'utf8');
    const wanted = [
      'allowed once',
      'answered SQLite',
      'a database of my own',
      'rejected',
      'allowed always',
      'ended the turn',
    ];
    const missing = wanted.filter((words) => !log.includes(words));
    report.check(
      missing.length === 0,
      `every answer is in otop's log${missing.length > 0 ? `, but ${missing}:\n${log}` : ''}`,
    );
    const asked = await sessionOf(word(3));
    report.check(asked.id === ids[3], 'and each in its session');
    await rig.close(pane);
  },
};

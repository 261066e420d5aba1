import type { Pane, Rig } from '../rig.ts';
import type { Stage } from '../stage.ts';

/** Something people do with opencode that makes it hard to tell which process runs which session. */
export interface Story {
  readonly name: string;
  /** Which versions it can be played on; all of them where absent. */
  readonly plays?: (version: string) => boolean;
  play(stage: Stage): Promise<void>;
}

/** The directory most panes are in. */
export function home(rig: Rig): string {
  return rig.sandbox.projects[0] ?? rig.sandbox.home;
}

/** The directory nothing else is in. */
export function elsewhere(rig: Rig): string {
  return rig.sandbox.projects[1] ?? rig.sandbox.home;
}

/** Types a prompt that is answered at once, and waits until it is. */
export async function say(rig: Rig, pane: Pane): Promise<string> {
  const word = await rig.prompt(pane, 'say');
  await rig.until(pane, 'an answer', ({ expected }) => expected.includes('idle'));
  return word;
}

/** A session with one answered prompt, whose opencode has ended: something to resume. */
export async function finishedSession({ rig, sessionOf }: Stage): Promise<{ id: string; word: string }> {
  const pane = await rig.open({ directory: home(rig) });
  const word = await say(rig, pane);
  const { id } = await sessionOf(word);
  await rig.close(pane);
  return { id, word };
}

/** Waits until a pane shows the conversation that holds this word: a TUI opens the session it was started on late. */
export async function shows(rig: Rig, pane: Pane, word: string): Promise<void> {
  await rig.until(pane, `the conversation of ${word}`, ({ text }) => text.includes(`${word} please`), 30_000);
}

/** Types a slash command; opencode's menu may open late and take the first Enter. */
export async function slash(
  rig: Rig,
  pane: Pane,
  command: string,
  done: (text: string) => boolean,
): Promise<void> {
  await rig.type(pane, command);
  for (let tries = 0; tries < 3; tries += 1) {
    const seen = await rig.until(pane, command, ({ text }) => done(text), 5_000).catch(() => undefined);
    if (seen !== undefined) return;
    await rig.tmux.press(pane.id, 'Enter');
  }
  await rig.until(pane, command, ({ text }) => done(text), 5_000);
}

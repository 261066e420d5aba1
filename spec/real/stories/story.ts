import type { Pane, Rig } from '../rig.ts';
import type { Stage } from '../stage.ts';

/** A use of opencode that makes it hard to find out which process runs which session. */
export interface Story {
  readonly name: string;
  /** True if the story can be played on this version; absent for all versions. */
  readonly plays?: (version: string) => boolean;
  play(stage: Stage): Promise<void>;
}

/** Returns the directory of most panes. */
export function home(rig: Rig): string {
  return rig.sandbox.projects[0] ?? rig.sandbox.home;
}

/** Returns a directory that no other pane uses. */
export function elsewhere(rig: Rig): string {
  return rig.sandbox.projects[1] ?? rig.sandbox.home;
}

/** Types a prompt that is answered at once; resolves with its word after the answer. */
export async function say(rig: Rig, pane: Pane): Promise<string> {
  const word = await rig.prompt(pane, 'say');
  await rig.until(pane, 'an answer', ({ expected }) => expected.includes('idle'));
  return word;
}

/** Creates a session with one answered prompt, for a resume; its opencode has ended. */
export async function finishedSession({ rig, sessionOf }: Stage): Promise<{ id: string; word: string }> {
  const pane = await rig.open({ directory: home(rig) });
  const word = await say(rig, pane);
  const { id } = await sessionOf(word);
  await rig.close(pane);
  return { id, word };
}

/** Waits until a pane shows the conversation with this word: a TUI opens its session some time after its start. */
export async function shows(rig: Rig, pane: Pane, word: string): Promise<void> {
  await rig.until(pane, `the conversation of ${word}`, ({ text }) => text.includes(`${word} please`), 30_000);
}

/** Types a slash command; opencode's menu may open late and consume the first Enter. */
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

import { setTimeout as sleep } from 'node:timers/promises';
import type { Activities } from './activity.ts';
import { type Expected, expectedStates, readPane, runsTool, type Seen } from './pane-text.ts';
import type { Tmux } from './tmux.ts';

/** A pane that is watched; `word` is that of the newest prompt typed into it. */
export interface Watched {
  readonly id: string;
  word: string | undefined;
  /** The session it must show where no word was typed since: told by the story that opened it. */
  sessionId: string | undefined;
}

/** What a pane shows, and for how long it has. */
export interface View {
  readonly text: string;
  readonly seen: Seen;
  readonly expected: Expected;
  /** When what it shows became this; spinners and growing text do not count as a change. */
  readonly sinceMs: number;
  readonly atMs: number;
}

/** Looks at all panes all the time: what a pane shows can only be polled. */
export interface Watcher {
  view(pane: Watched): View | undefined;
  stop(): Promise<void>;
}

/** Starts to look at `panes` (which may grow), some twenty times a second. */
export function startWatcher(tmux: Tmux, panes: readonly Watched[], activities: Activities): Watcher {
  const views = new Map<string, View & { readonly key: string }>();
  let stopped = false;
  const look = async (): Promise<void> => {
    const looked = [...panes];
    const texts = await tmux.capture(looked.map((pane) => pane.id));
    const atMs = Date.now();
    for (const [index, pane] of looked.entries()) {
      const text = texts[index] ?? '';
      const seen = readPane(text);
      const own = pane.word === undefined ? undefined : activities.of(pane.word);
      const expected = expectedStates(
        seen,
        own,
        pane.sessionId !== undefined,
        runsTool(text, pane.word, activities),
      );
      const key = JSON.stringify([seen, expected, pane.word, pane.sessionId]);
      const before = views.get(pane.id);
      const sinceMs = before?.key === key ? before.sinceMs : atMs;
      views.set(pane.id, { text, seen, expected, sinceMs, atMs, key });
    }
  };
  const loop = async (): Promise<void> => {
    while (!stopped) {
      await look();
      await sleep(50);
    }
  };
  const running = loop();
  return {
    view: (pane) => views.get(pane.id),
    async stop() {
      stopped = true;
      await running;
    },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Activities } from './activity.ts';
import { type Expected, expectedStates, readPane, runsTool, type Seen } from './pane-text.ts';
import type { Tmux } from './tmux.ts';

/** A watched pane; `word` is the word of its newest prompt. */
export interface Watched {
  readonly id: string;
  word: string | undefined;
  /** The session that it must show while no prompt is typed; set by the story that opened the pane. */
  sessionId: string | undefined;
}

/** The current view of a pane, and since when it is the same. */
export interface View {
  readonly text: string;
  readonly seen: Seen;
  readonly expected: Expected;
  /** Time of the last change; spinners and growing text are not changes. */
  readonly sinceMs: number;
  readonly atMs: number;
}

/** Polls all panes. */
export interface Watcher {
  view(pane: Watched): View | undefined;
  stop(): Promise<void>;
}

/** Starts to poll `panes` (which may grow) about twenty times a second. */
export function startWatcher(tmux: Tmux, panes: readonly Watched[], activities: Activities): Watcher {
  const views = new Map<string, View & { readonly key: string }>();
  let stopped = false;
  const poll = async (): Promise<void> => {
    const polled = [...panes];
    const texts = await tmux.capture(polled.map((pane) => pane.id));
    const atMs = Date.now();
    for (const [index, pane] of polled.entries()) {
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
      await poll();
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

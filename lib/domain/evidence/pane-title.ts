import type { OpencodeProcess } from '../process/process.ts';

/** What a TUI's terminal title says it shows. */
export type PaneTitle =
  /** No pane, or a title that no opencode wrote. */
  | { readonly kind: 'silent' }
  /** `OpenCode`: the home screen, or a session whose title is still the placeholder. */
  | { readonly kind: 'home' }
  /** `OC | …`: a session, or now and then a plugin's page. */
  | { readonly kind: 'session'; readonly title: string };

/** A TUI sets its title about 3 s after its start; until then the pane still bears that of the program before it. */
const titleSetAfterMs = 6_000;

/** Reads the title of the process's pane. Only a TUI writes titles: under any other kind it is somebody else's. */
export function paneTitle(process: OpencodeProcess, nowMs: number): PaneTitle {
  if (process.kind !== 'tui' || process.pane === undefined || process.orphan) return { kind: 'silent' };
  if (process.startedAtMs !== undefined && nowMs - process.startedAtMs < titleSetAfterMs)
    return { kind: 'silent' };
  const text: string = process.pane.title;
  if (text === 'OpenCode') return { kind: 'home' };
  const title = /^OC \| (.*)$/.exec(text)?.[1];
  return title === undefined
    ? { kind: 'silent' }
    : { kind: 'session', title: plain(title.replace(/\.\.\.$/, '…')) };
}

/**
 * A session's title as the TUI shows it: above 40 characters the first 37 and an ellipsis, `…` or `...` by version
 * (opencode.md, "Terminal title").
 */
export function shownTitle(title: string): string {
  return plain(title.length > 40 ? `${title.slice(0, 37)}…` : title.replace(/\.\.\.$/, '…'));
}

/** True for the title a session has until the title model answers: the TUI shows it as `OpenCode`. */
export function isPlaceholder(title: string): boolean {
  return /^(?:New|Child) session - \d{4}-\d\d-\d\dT/.test(title);
}

/** White space and a character cut in half survive a terminal in more than one form. */
function plain(title: string): string {
  return title
    .replace(/[\ud800-\udfff\ufffd]+…$/, '…')
    .replace(/\s+/g, ' ')
    .replace(/ …$/, '…')
    .trim();
}

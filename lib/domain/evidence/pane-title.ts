import type { OpencodeProcess } from '../process/process.ts';

/** The content of a TUI, by its terminal title. */
export type PaneTitle =
  /** No pane, or a title from another program. */
  | { readonly kind: 'silent' }
  /** `OpenCode`: the home screen, or a session with a placeholder title. */
  | { readonly kind: 'home' }
  /** `OC | …`: a session, or rarely a plugin's page. */
  | { readonly kind: 'session'; readonly title: string };

/** A TUI sets its title about 3 s after its start; until then the pane has the title of the previous program. */
const titleSetAfterMs = 6_000;

/** Parses the title of the process's pane; `silent` for all other kinds of processes, since only a TUI sets a title. */
export function paneTitle(process: OpencodeProcess, nowMs: number): PaneTitle {
  if (process.kind !== 'tui' || process.pane === undefined || process.orphan) return { kind: 'silent' };
  if (process.startedAtMs !== undefined && nowMs - process.startedAtMs < titleSetAfterMs)
    return { kind: 'silent' };
  const text: string = process.pane.title;
  if (text === 'OpenCode') return { kind: 'home' };
  const title = /^OC \| (.*)$/.exec(text)?.[1];
  return title === undefined
    ? { kind: 'silent' }
    : { kind: 'session', title: normalized(title.replace(/\.\.\.$/, '…')) };
}

/**
 * A session's title as the TUI shows it: a title of more than 40 characters is cut to 37 plus an ellipsis. Versions write
 * `…` or `...`; the result has `…` (opencode.md, "Terminal title").
 */
export function shownTitle(title: string): string {
  return normalized(title.length > 40 ? `${title.slice(0, 37)}…` : title.replace(/\.\.\.$/, '…'));
}

/** True for the placeholder title of a session before the title model's response; the TUI shows it as `OpenCode`. */
export function isPlaceholder(title: string): boolean {
  return /^(?:New|Child) session - \d{4}-\d\d-\d\dT/.test(title);
}

/** Normalizes white space and a character that the cut split, since terminals change both. */
function normalized(title: string): string {
  return title
    .replace(/[\ud800-\udfff\ufffd]+…$/, '…')
    .replace(/\s+/g, ' ')
    .replace(/ …$/, '…')
    .trim();
}

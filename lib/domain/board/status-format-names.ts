// The fast path of `otop status` loads this file, so it must import nothing. `view/status-formats.ts` has the formats.

/** The formats of `otop status`, in the order of its help. */
export const statusFormats = [
  // One line of text for terminals and prompts.
  'plain',
  // One line with the colours of tmux's status line.
  'tmux',
  // SwiftBar's plugin format: a title, then a menu with the sessions.
  'swiftbar',
  // JSON for a custom module of Waybar.
  'waybar',
  // JSON for scripts, described by `schema/status.ts`.
  'json',
] as const;

/** The name of a format of `otop status`. */
export type StatusFormat = (typeof statusFormats)[number];

/** True if a text is the name of a format. */
export function isStatusFormat(name: string): name is StatusFormat {
  return statusFormats.some((format) => format === name);
}

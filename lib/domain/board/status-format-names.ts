/** The output formats of the status, in the order of the help. */
export const statusFormats = ['plain', 'tmux', 'swiftbar', 'waybar', 'json'] as const;

export type StatusFormat = (typeof statusFormats)[number];

/** True for the name of a format. */
export function isStatusFormat(name: string): name is StatusFormat {
  return statusFormats.some((format) => format === name);
}

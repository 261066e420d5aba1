import { type DisplayText, sanitize } from '../../text/sanitize.ts';

/**
 * Valid host names for ssh: `box`, `me@box.example`, an alias of `~/.ssh/config`. otop uses no shell, but ssh passes the
 * name to shell commands of its configuration (`ProxyCommand`, `Match exec`). So shell characters and options are refused.
 */
export const sshHostPattern = '^([A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}@)?[A-Za-z0-9_][A-Za-z0-9_.:%-]{0,252}$';

/** Another machine, by its name for ssh. */
export interface SshHost {
  readonly name: DisplayText;
}

const form = new RegExp(sshHostPattern);

/** Parses a host name for ssh; returns `refused` with the reason if it is invalid. */
export function parseSshHost(text: string): SshHost | { readonly refused: DisplayText } {
  if (form.test(text)) return { name: sanitize(text) };
  return {
    refused: sanitize(
      'A host is a name that ssh accepts, for example box, me@box.example or an alias in ~/.ssh/config.',
    ),
  };
}

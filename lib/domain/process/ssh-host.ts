import { type DisplayText, sanitize } from '../../text/sanitize.ts';

/**
 * How another machine may be called for ssh: `box`, `me@box.example`, an alias of `~/.ssh/config`. Nothing goes through a
 * shell here, but ssh gives the name to commands of its configuration (`ProxyCommand`, `Match exec`), which do: so it may
 * hold nothing that means something there, nor look like an option.
 */
export const sshHostPattern = '^([A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}@)?[A-Za-z0-9_][A-Za-z0-9_.:%-]{0,252}$';

/** Another machine as the person's ssh knows it. */
export interface SshHost {
  readonly name: DisplayText;
}

const form = new RegExp(sshHostPattern);

/** Reads a host's name for ssh, or says why it is none. */
export function parseSshHost(text: string): SshHost | { readonly refused: DisplayText } {
  if (form.test(text)) return { name: sanitize(text) };
  return {
    refused: sanitize('A host is a name for ssh, as box, me@box.example or an alias of ~/.ssh/config.'),
  };
}

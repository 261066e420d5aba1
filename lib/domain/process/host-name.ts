import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import { sshHostPattern } from './ssh-host.ts';

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

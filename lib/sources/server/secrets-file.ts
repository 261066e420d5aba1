import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { errorCode } from '../error-code.ts';
import { readPlainDescriptor } from '../plain-file.ts';

/** Whose file of secrets is believed, and how it is spoken of. */
export interface SecretsOptions {
  /** `process.getuid()`. */
  readonly userId: number | undefined;
  /** The variable that names the file. */
  readonly named: string;
  readonly what: 'passwords' | 'tokens';
}

/**
 * The text of a file that only its owner can read, or why it is not used, in words. What is asked of the open file
 * cannot change between the question and the reading. Never throws.
 */
export function readSecrets(
  path: string,
  { userId, named, what }: SecretsOptions,
): { readonly text: string } | { readonly trouble: string } {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { mode, uid } = fstatSync(fd);
      if (userId !== undefined && uid !== userId)
        return { trouble: `${path} belongs to another user: its ${what} are not used` };
      if ((mode & 0o077) !== 0)
        return { trouble: `others can read ${path}: its ${what} are not used until you run chmod 600 on it` };
      return { text: readPlainDescriptor(fd, path) };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const code = errorCode(error) ?? String(error);
    return { trouble: `${path}, named by ${named}, cannot be read (${code})` };
  }
}

/** The part of a URL that a secret is for: another path of it is the same server. */
export function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined;
}

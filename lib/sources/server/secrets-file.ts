import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { errorCode, readPlainDescriptor } from '../../system/files.ts';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';

/** Which file of secrets is read, whose is believed, and how it is spoken of. */
export interface SecretsOptions {
  /** Undefined where the person has none: then there are no secrets. */
  readonly path: string | undefined;
  /** `process.getuid()`. */
  readonly userId: number | undefined;
  /** The variable that names the file. */
  readonly named: string;
  readonly what: 'passwords' | 'tokens';
}

/** Secrets by the origin of the URL that they are for. */
export interface Secrets {
  readonly byOrigin: ReadonlyMap<string, string>;
  /** Why the file is not used, and what to do. */
  readonly trouble?: DisplayText;
}

/** Reads a file whose lines are `URL SECRET`; lines that begin with `#` are comments. Never throws. */
export function readSecrets({ path, ...options }: SecretsOptions): Secrets {
  const file = path ? readOwnText(path, options) : { text: '' };
  if ('trouble' in file) return { byOrigin: new Map(), trouble: sanitize(file.trouble) };
  const byOrigin = new Map<string, string>();
  for (const line of file.text.split('\n')) {
    const [, url, secret] = /^\s*([^#\s]\S*)\s+(\S.*?)\s*$/.exec(line) ?? [];
    const origin = originOf(url ?? '');
    if (origin !== undefined && secret !== undefined) byOrigin.set(origin, secret);
  }
  return { byOrigin };
}

/**
 * The text of a file that only its owner can read, or why it is not used, in words. What is asked of the open file
 * cannot change between the question and the reading.
 */
function readOwnText(
  path: string,
  { userId, named, what }: Omit<SecretsOptions, 'path'>,
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

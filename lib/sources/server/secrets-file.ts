import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { errorCode, readPlainDescriptor } from '../../system/files.ts';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';

/** The file of secrets, its required owner, and the words for messages about it. */
export interface SecretsOptions {
  /** Undefined if the user names no file; then there are no secrets. */
  readonly path: string | undefined;
  /** `process.getuid()`: the required owner of the file. */
  readonly userId: number | undefined;
  /** The environment variable that names the file. */
  readonly variableName: string;
  readonly content: 'passwords' | 'tokens';
}

/** Secrets by the origin of their server's URL. */
export interface Secrets {
  readonly byOrigin: ReadonlyMap<string, string>;
  /** Says why the file is not used, and how to fix that. */
  readonly trouble?: DisplayText;
}

/** Reads a file whose lines are `URL SECRET`; lines that begin with `#` are comments. Never throws. */
export function readSecrets({ path, ...options }: SecretsOptions): Secrets {
  const file = path ? readOwnText(path, options) : { text: '' };
  if ('trouble' in file) return { byOrigin: new Map(), trouble: file.trouble };
  const byOrigin = new Map<string, string>();
  for (const line of file.text.split('\n')) {
    const [, url, secret] = /^\s*([^#\s]\S*)\s+(\S.*?)\s*$/.exec(line) ?? [];
    const origin = originOf(url ?? '');
    if (origin !== undefined && secret !== undefined) byOrigin.set(origin, secret);
  }
  return { byOrigin };
}

/** The required owner of a file of secrets, and the words for a message about it. */
interface OwnFile {
  readonly userId: number | undefined;
  readonly content: 'passwords' | 'tokens' | 'password';
  /** The environment variable that names the file, if one does. */
  readonly variableName?: string;
}

/**
 * Returns the text of a file that only its owner can read, or the reason why it is not used. Checks the open descriptor,
 * so the file cannot be replaced between check and read.
 */
export function readOwnText(
  path: string,
  { userId, variableName, content }: OwnFile,
): { readonly text: string } | { readonly trouble: DisplayText } {
  const trouble = (text: string) => ({ trouble: sanitize(text) });
  const are = content === 'password' ? 'is' : 'are';
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { mode, uid } = fstatSync(fd);
      if (userId !== undefined && uid !== userId)
        return trouble(`${path} belongs to another user: its ${content} ${are} not used`);
      if ((mode & 0o077) !== 0)
        return trouble(
          `others can read ${path}: its ${content} ${are} not used until you run chmod 600 on it`,
        );
      return { text: readPlainDescriptor(fd, path) };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const code = errorCode(error) ?? String(error);
    const namedBy = variableName === undefined ? '' : `, named by ${variableName},`;
    return trouble(`${path}${namedBy} cannot be read (${code})`);
  }
}

/** Returns the origin of a URL, since all paths belong to one server; undefined if the URL is invalid. */
export function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined;
}

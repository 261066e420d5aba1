import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCode } from '../system/files.ts';
import { configFolder } from '../system/folders.ts';
import type { Environment } from '../system/surroundings.ts';

/** The token for requests from other machines and for changes, or the reason why there is none. */
export type TokenReading =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'unusable'; readonly why: string };

const minChars = 16;
const maxChars = 512;
const tokenForm = new RegExp(`^[\\x21-\\x7e]{${minChars},${maxChars}}$`);

/** Returns the path of the token file. */
export function tokenPath(env: Environment, homeDir: string): string {
  return join(configFolder(env, homeDir), 'token');
}

/** Reads `OTOP_TOKEN`, or else the token file, which only its owner may be able to read. */
export function readToken(env: Environment, homeDir: string): TokenReading {
  if (env.OTOP_TOKEN !== undefined && env.OTOP_TOKEN !== '') return checked(env.OTOP_TOKEN, 'OTOP_TOKEN');
  const path = tokenPath(env, homeDir);
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? { kind: 'none' }
      : { kind: 'unusable', why: `the token in ${path} cannot be read (${code ?? message})` };
  }
  try {
    const stats = fstatSync(file);
    const { mode, size } = stats;
    if ((mode & 0o077) !== 0) {
      return {
        kind: 'unusable',
        why: `other users can read ${path}: run chmod 600 on it, or better make another token`,
      };
    }
    return checked(size > maxChars + 1 || !stats.isFile() ? '' : readFileSync(file, 'utf8').trimEnd(), path);
  } finally {
    closeSync(file);
  }
}

function checked(token: string, where: string): TokenReading {
  if (tokenForm.test(token)) return { kind: 'token', token };
  return {
    kind: 'unusable',
    why: `${where} does not hold a token: ${minChars} to ${maxChars} visible ASCII characters without spaces`,
  };
}

/**
 * Writes a new token, readable by its owner only, and returns the path of the file. Throws file system errors: EEXIST if
 * there is a token already.
 */
export function makeToken(env: Environment, homeDir: string): string {
  const path = tokenPath(env, homeDir);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    // A full disk leaves an empty file, which would make the next try fail with EEXIST.
    if (errorCode(error) !== 'EEXIST') rmSync(path, { force: true });
    throw error;
  }
  return path;
}

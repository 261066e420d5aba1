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

/** The token that guards what is not reading from this machine, or why there is none that can be used. */
export type TokenReading =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'unusable'; readonly why: string };

const shortest = 16;
const longest = 512;
const words = new RegExp(`^[\\x21-\\x7e]{${shortest},${longest}}$`);

/** Where the token lies. */
export function tokenPath(env: Environment, homeDir: string): string {
  return join(configFolder(env, homeDir), 'token');
}

/** `OTOP_TOKEN`, else the token file, which nobody but its owner may read. */
export function readToken(env: Environment, homeDir: string): TokenReading {
  if (env.OTOP_TOKEN !== undefined && env.OTOP_TOKEN !== '') return checked(env.OTOP_TOKEN, 'OTOP_TOKEN');
  const path = tokenPath(env, homeDir);
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? { kind: 'none' } : { kind: 'unusable', why: message };
  }
  try {
    const stats = fstatSync(file);
    const { mode, size } = stats;
    if ((mode & 0o077) !== 0) {
      return { kind: 'unusable', why: `others may read ${path}: chmod 600 it, or better make another token` };
    }
    return checked(size > longest + 1 || !stats.isFile() ? '' : readFileSync(file, 'utf8').trimEnd(), path);
  } finally {
    closeSync(file);
  }
}

function checked(token: string, where: string): TokenReading {
  if (words.test(token)) return { kind: 'token', token };
  return {
    kind: 'unusable',
    why: `${where} does not hold a token: ${shortest} to ${longest} visible ASCII characters without spaces`,
  };
}

/** Writes a new token for the owner only and gives the file's path; throws what the file system says, also where there is one. */
export function makeToken(env: Environment, homeDir: string): string {
  const path = tokenPath(env, homeDir);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    // A full disk leaves a file without a token in it, which the next try would take for one.
    if (errorCode(error) !== 'EEXIST') rmSync(path, { force: true });
    throw error;
  }
  return path;
}

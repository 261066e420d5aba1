import { join } from 'node:path';
import { readPlainFile } from '../../system/files.ts';
import { xdgFolder } from '../../system/folders.ts';
import type { Surroundings } from '../../system/surroundings.ts';
import { asNumber, asText, parseObject } from '../json.ts';
import { basic } from './credentials.ts';

/** opencode 2's note of its background service. */
export interface ServiceFile {
  /** The `Authorization` header for the service that runs as this process; undefined where the note is of another. */
  authorizationFor(pid: number): string | undefined;
}

const names = ['service.json', 'service-local.json'];

/**
 * Reads `$XDG_STATE_HOME/opencode/service.json` (`{url, pid, password?, …}`; opencode-2.md, "Service note")
 * whenever it is asked, since the service writes it anew at each start. The password is used for the process of that number only.
 */
export function serviceFile(surroundings: Surroundings): ServiceFile {
  const folder = join(xdgFolder('state', surroundings), 'opencode');
  return {
    authorizationFor(pid) {
      for (const name of names) {
        const note = parseObject(readSmall(join(folder, name)));
        const password = asText(note?.password);
        if (password !== undefined && asNumber(note?.pid) === pid) return basic('opencode', password);
      }
      return undefined;
    },
  };
}

const mostBytes = 64 * 1024;

function readSmall(path: string): string | undefined {
  try {
    return readPlainFile(path, mostBytes);
  } catch {
    // No service was ever started here, or it is another user's: then there is no password to be had.
    return undefined;
  }
}

import { join } from 'node:path';
import { readPlainFile } from '../../system/files.ts';
import { xdgFolder } from '../../system/folders.ts';
import type { Surroundings } from '../../system/surroundings.ts';
import { asNumber, asText, parseObject } from '../json.ts';
import { basic } from './credentials.ts';

/** The file that opencode 2 writes for its background service. */
export interface ServiceFile {
  /** Returns the `Authorization` header for the service with this pid, or undefined if the file names another pid. */
  authorizationFor(pid: number): string | undefined;
}

const names = ['service.json', 'service-local.json'];

/**
 * Reads `$XDG_STATE_HOME/opencode/service.json` (`{url, pid, password?, …}`; opencode-2.md, "Service note") at each
 * call, since the service rewrites it at each start. The password is used only for the process with that pid.
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

const maxBytes = 64 * 1024;

function readSmall(path: string): string | undefined {
  try {
    return readPlainFile(path, maxBytes);
  } catch {
    // No service ever ran here, or the file belongs to another user: no password is known.
    return undefined;
  }
}

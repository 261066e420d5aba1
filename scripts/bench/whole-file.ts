import { readFileSync } from 'node:fs';
import initSqlJs from 'sql.js';
import { timed } from './durations.ts';

const newestSessions = 'select id, title, time_updated from session order by time_updated desc limit 20';

/**
 * Measures how long it takes to read the whole file into sql.js and select the newest sessions, as a monitor without page
 * access must after every change. It misses the rows in the WAL. Returns milliseconds, or why it is not possible.
 */
export async function readWholeFile(path: string): Promise<number | string> {
  const sql = await initSqlJs();
  try {
    return timed(() => {
      const database = new sql.Database(withoutWal(readFileSync(path)));
      database.exec(newestSessions);
      database.close();
    }).ms;
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_FS_FILE_TOO_LARGE';
    return isTooLarge ? 'not possible: over 2 GB' : `not possible: ${error}`;
  }
}

/** Sets bytes 18 and 19, which require a WAL that sql.js cannot open. */
function withoutWal(bytes: Buffer): Buffer {
  bytes[18] = 1;
  bytes[19] = 1;
  return bytes;
}

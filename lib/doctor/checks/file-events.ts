import { readFileSync, statfsSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCode, shortPath } from '../../system/files.ts';
import { type DoctorContext, type Finding, ok, warning } from '../finding.ts';

/** File systems without events for writes of other machines, by `f_type` of statfs(2). */
const remoteTypes: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x01021997, '9P, which WSL uses for Windows drives'],
  [0x65735546, 'FUSE'],
]);

const moveAdvice = 'keep the database on a local file system of this machine';

/** Checks whether writes to the databases give file events. Without events only the slow tick sees them. */
export function checkFileEvents(context: DoctorContext): readonly Finding[] {
  const folders = [...new Set(context.databasePaths.map(dirname))];
  const found = folders.flatMap((folder) => checkFolder(folder, context));
  return found.length > 0 ? found : [ok(`nothing to watch yet${limitsText(context)}`)];
}

function checkFolder(folder: string, context: DoctorContext): Finding[] {
  const name = shortPath(folder, context.homeDir);
  try {
    const remote = remoteTypes.get(statfsSync(folder).type);
    if (remote !== undefined)
      return [warning(`${name} is on ${remote}: otop may see changes only once a second`, moveAdvice)];
    watch(folder, { persistent: false }, () => undefined).close();
    return [ok(`${name} is watched${limitsText(context)}`)];
  } catch (error) {
    const code = errorCode(error) ?? 'unknown';
    if (code === 'ENOENT') return [];
    const isFull = code === 'ENOSPC' || code === 'EMFILE';
    const advice = isFull
      ? 'raise fs.inotify.max_user_watches and max_user_instances with sysctl'
      : moveAdvice;
    return [warning(`${name} cannot be watched (${code}): otop sees changes only once a second`, advice)];
  }
}

function limitsText({ procRoot }: DoctorContext): string {
  const limit = (name: string) => {
    try {
      return readFileSync(join(procRoot, 'sys/fs/inotify', name), 'utf8').trim();
    } catch {
      // The system is not Linux.
      return undefined;
    }
  };
  const watches = limit('max_user_watches');
  return watches === undefined
    ? ''
    : `; at most ${watches} watches, ${limit('max_user_instances') ?? 'unknown'} instances`;
}

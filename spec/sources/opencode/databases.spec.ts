import { describe, expect, test } from 'vitest';
import { type DatabaseSurroundings, databasePlaces } from '../../../lib/sources/opencode/databases.ts';

const plain: DatabaseSurroundings = {
  env: {},
  homeDir: '/home/u',
  cwd: '/work',
  held: [],
  filesIn: () => [],
  realPath: (path) => path,
};

function pathsOf(surroundings: Partial<DatabaseSurroundings>): readonly string[] {
  return databasePlaces({ ...plain, ...surroundings }).paths;
}

describe('where databases are', () => {
  test('opencode.db of the data folder, whether or not it exists yet', () => {
    expect(pathsOf({})).toEqual(['/home/u/.local/share/opencode/opencode.db']);
  });

  test('the data folder follows XDG_DATA_HOME, unless that is empty or relative', () => {
    expect(pathsOf({ env: { XDG_DATA_HOME: '/data' } })).toEqual(['/data/opencode/opencode.db']);
    expect(pathsOf({ env: { XDG_DATA_HOME: '' } })).toEqual(['/home/u/.local/share/opencode/opencode.db']);
    expect(pathsOf({ env: { XDG_DATA_HOME: 'data' } })).toEqual([
      '/home/u/.local/share/opencode/opencode.db',
    ]);
  });

  test('other channels’ databases of the data folder, and none of the files beside them', () => {
    const names = [
      'opencode.db',
      'opencode.db-wal',
      'opencode-local.db',
      'opencode-dev.db',
      'opencode-dev.db-shm',
      'auth.json',
    ];
    const filesIn = (folder: string) => (folder === '/home/u/.local/share/opencode' ? names : []);
    expect(pathsOf({ filesIn })).toEqual([
      '/home/u/.local/share/opencode/opencode.db',
      '/home/u/.local/share/opencode/opencode-dev.db',
      '/home/u/.local/share/opencode/opencode-local.db',
    ]);
  });

  test('OPENCODE_DB instead, absolute or in the data folder', () => {
    expect(pathsOf({ env: { OPENCODE_DB: '/srv/one.db' } })).toEqual(['/srv/one.db']);
    expect(pathsOf({ env: { OPENCODE_DB: 'two.db' } })).toEqual(['/home/u/.local/share/opencode/two.db']);
    expect(pathsOf({ env: { OPENCODE_DB: ':memory:' } })).toEqual([]);
    expect(databasePlaces({ ...plain, env: { OPENCODE_DB: '/srv/one.db' } }).named).toBe(true);
  });

  test('those that processes hold open as well, each file once', () => {
    const realPath = (path: string) => path.replace(/^\/home/, '/mnt/home');
    expect(
      pathsOf({ held: ['/mnt/home/u/.local/share/opencode/opencode.db', '/tmp/x/opencode.db'], realPath }),
    ).toEqual(['/mnt/home/u/.local/share/opencode/opencode.db', '/tmp/x/opencode.db']);
  });

  test('--db alone, whatever else there is', () => {
    const env = { OPENCODE_DB: '/srv/one.db' };
    expect(pathsOf({ flag: 'some.db', env, held: ['/tmp/x/opencode.db'] })).toEqual(['/work/some.db']);
  });
});

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

describe('the paths of databases', () => {
  test('include opencode.db in the data folder, even if it does not exist yet', () => {
    expect(pathsOf({})).toEqual(['/home/u/.local/share/opencode/opencode.db']);
  });

  test('follow XDG_DATA_HOME, unless it is empty or relative', () => {
    expect(pathsOf({ env: { XDG_DATA_HOME: '/data' } })).toEqual(['/data/opencode/opencode.db']);
    expect(pathsOf({ env: { XDG_DATA_HOME: '' } })).toEqual(['/home/u/.local/share/opencode/opencode.db']);
    expect(pathsOf({ env: { XDG_DATA_HOME: 'data' } })).toEqual([
      '/home/u/.local/share/opencode/opencode.db',
    ]);
  });

  test('include the databases of other channels, but no other files of the data folder', () => {
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

  test('are OPENCODE_DB alone if it is set, absolute or in the data folder', () => {
    expect(pathsOf({ env: { OPENCODE_DB: '/srv/one.db' } })).toEqual(['/srv/one.db']);
    expect(pathsOf({ env: { OPENCODE_DB: 'two.db' } })).toEqual(['/home/u/.local/share/opencode/two.db']);
    expect(pathsOf({ env: { OPENCODE_DB: ':memory:' } })).toEqual([]);
    expect(databasePlaces({ ...plain, env: { OPENCODE_DB: '/srv/one.db' } }).named).toBe(true);
  });

  test('include the databases that processes hold open, each file once', () => {
    const realPath = (path: string) => path.replace(/^\/home/, '/mnt/home');
    expect(
      pathsOf({ held: ['/mnt/home/u/.local/share/opencode/opencode.db', '/tmp/x/opencode.db'], realPath }),
    ).toEqual(['/mnt/home/u/.local/share/opencode/opencode.db', '/tmp/x/opencode.db']);
  });

  test('are --db alone if it is given', () => {
    const env = { OPENCODE_DB: '/srv/one.db' };
    expect(pathsOf({ flag: 'some.db', env, held: ['/tmp/x/opencode.db'] })).toEqual(['/work/some.db']);
  });
});

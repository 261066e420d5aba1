import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where pinned opencode versions are kept between runs: outside the package, so that nothing of it is published. */
function cacheFolder(): string {
  const cache = process.env.XDG_CACHE_HOME;
  return join(cache !== undefined && cache !== '' ? cache : join(homedir(), '.cache'), 'otop-rig');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/**
 * Installs npm packages into `folder` unless they are there, and throws what npm said if that fails.
 * It installs into a folder of another name beside it first: a folder of the right name is always whole.
 */
async function installInto(folder: string, wanted: string, packages: readonly string[]): Promise<void> {
  if (await exists(join(folder, wanted))) return;
  await mkdir(cacheFolder(), { recursive: true });
  const partial = await mkdtemp(join(cacheFolder(), '.partial-'));
  try {
    const options = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
    await run('npm', ['install', '--prefix', partial, ...options, ...packages], { timeout: 600_000 });
    if (!(await exists(join(partial, wanted))))
      throw new Error(`npm installed ${packages}, but no ${wanted}`);
    // Whatever bears the name without the wanted file is a leftover; a rig that was faster has made it whole.
    if (!(await exists(join(folder, wanted)))) {
      await rm(folder, { recursive: true, force: true });
      await rename(partial, folder);
    }
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** The name of npm's package with opencode's binary for this machine. */
function platformPackage(): string {
  return `opencode-${process.platform}-${process.arch}`;
}

/** The path of opencode's binary of this version, installed from npm if it is not there. */
export async function installOpencode(version: string): Promise<string> {
  const name = platformPackage();
  const folder = join(cacheFolder(), version);
  const binary = join('node_modules', name, 'bin', 'opencode');
  await installInto(folder, binary, [`${name}@${version}`]);
  return join(folder, binary);
}

/** The folder of npm's `opencode-ai` of this version: what `npm install -g opencode-ai` gives people. */
export async function installWrapper(version: string): Promise<string> {
  const folder = join(cacheFolder(), `wrapper-${version}`);
  await installInto(folder, join('node_modules', '.bin', 'opencode'), [`opencode-ai@${version}`]);
  return folder;
}

import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The cache of installed opencode versions; outside the package, so that it is never published. */
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
 * Installs npm packages into `folder` unless they are installed; rejects with npm's error if that fails. It installs into
 * a temporary folder and renames it, so that `folder` is always complete.
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
    // A folder without the wanted file is incomplete; one with it was installed by another rig meanwhile.
    if (!(await exists(join(folder, wanted)))) {
      await rm(folder, { recursive: true, force: true });
      await rename(partial, folder);
    }
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Returns the name of npm's package with opencode's binary for this platform. */
function platformPackage(): string {
  return `opencode-${process.platform}-${process.arch}`;
}

/** The name of the only opencode 2 in npm among the rig's versions (opencode-2.md, "Builds"). */
export const preview = 'preview';

/** npm has the preview for this platform only. */
const previewPackage = '@opencode-ai/cli-linux-x64';
const previewVersion = '1.18.18';

/**
 * Returns the path of opencode's binary of this version, or of the preview of opencode 2; installs it from npm if it is
 * missing. Rejects on a platform that npm has no preview for.
 */
export async function installOpencode(version: string): Promise<string> {
  const isPreview = version === preview;
  if (isPreview && (process.platform !== 'linux' || process.arch !== 'x64'))
    throw new Error(`npm has the preview of opencode 2 for Linux on x64 only, not for ${platformPackage()}`);
  const name = isPreview ? previewPackage : platformPackage();
  const folder = join(cacheFolder(), isPreview ? `${preview}-${previewVersion}` : version);
  const binary = join('node_modules', name, 'bin', isPreview ? 'lildax' : 'opencode');
  await installInto(folder, binary, [`${name}@${isPreview ? previewVersion : version}`]);
  return join(folder, binary);
}

/** Returns the folder of npm's `opencode-ai` of this version, as after `npm install -g opencode-ai`. */
export async function installWrapper(version: string): Promise<string> {
  const folder = join(cacheFolder(), `wrapper-${version}`);
  await installInto(folder, join('node_modules', '.bin', 'opencode'), [`opencode-ai@${version}`]);
  return folder;
}

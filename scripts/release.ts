import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { filledFormula, releaseOf } from './release-files.ts';

// What .github/workflows/release.yml runs; `npm run release` does the same by hand. Needs no installed package on Node 24.
const usage = `npm run release -- check TAG
  Prints what the tag releases, as lines for GITHUB_OUTPUT.
npm run release -- files TAG FILE.tgz FOLDER OWNER/NAME
  Writes the files of the draft release into FOLDER: the package, SHA256SUMS, the Homebrew formula otop.rb and notes.md.
Both fail if the tag, package.json and CHANGELOG.md name different versions.`;

const root = resolve(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Manifest {
  readonly version: string;
  readonly repository?: { readonly url?: string };
}

function versionHere(): string {
  return (JSON.parse(read('package.json')) as Manifest).version;
}

/** Reads the package.json of a packed file. Throws if it has none. */
function packedManifest(packagePath: string): Manifest {
  try {
    const options = { encoding: 'utf8', stdio: 'pipe' } as const;
    return JSON.parse(
      execFileSync('tar', ['-xzOf', packagePath, 'package/package.json'], options),
    ) as Manifest;
  } catch {
    throw new Error(`${packagePath} is not a file that npm has packed`);
  }
}

function writeFiles(tag: string, packagePath: string, folder: string, repository: string): void {
  const { version, notes } = releaseOf(tag, versionHere(), read('CHANGELOG.md'));
  const packed = packedManifest(packagePath);
  if (packed.version !== version)
    throw new Error(`${packagePath} has version ${packed.version}: package it again`);
  if (packed.repository?.url !== `git+https://github.com/${repository}.git`)
    throw new Error(
      `${packagePath} does not name its repository, so npm would refuse its provenance: ` +
        `GITHUB_REPOSITORY=${repository} npm run package`,
    );
  mkdirSync(folder, { recursive: true });
  const fileName = basename(packagePath);
  const bytes = readFileSync(packagePath);
  const file = { repository, version, fileName, sha256: sha256Of(bytes) };
  const formula = filledFormula(read('scripts/contrib/otop.rb'), file);
  writeFileSync(join(folder, fileName), bytes);
  writeFileSync(join(folder, 'otop.rb'), formula);
  writeFileSync(join(folder, 'SHA256SUMS'), `${file.sha256}  ${fileName}\n${sha256Of(formula)}  otop.rb\n`);
  writeFileSync(join(folder, 'notes.md'), notes);
}

function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

const [verb, tag, ...rest] = process.argv.slice(2);
const [packagePath, folder, repository] = rest;
try {
  if (verb === 'check' && tag !== undefined && rest.length === 0) {
    const release = releaseOf(tag, versionHere(), read('CHANGELOG.md'));
    process.stdout.write(
      `version=${release.version}\nprerelease=${release.isPrerelease}\nnpm-tag=${release.npmTag}\n`,
    );
  } else if (
    verb === 'files' &&
    tag &&
    packagePath &&
    folder &&
    /^[\w.-]+\/[\w.-]+$/.test(repository ?? '')
  ) {
    writeFiles(tag, packagePath, folder, repository ?? '');
  } else {
    process.stderr.write(`${usage}\n`);
    process.exitCode = 2;
  }
} catch (error) {
  process.stderr.write(`release: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

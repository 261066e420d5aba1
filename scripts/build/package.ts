import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { copiedPackages } from './bundle.ts';
import { licencesOf, packagesOf } from './licences.ts';
import { currentCommit, root, writeProgram } from './program.ts';

const release = join(root, 'release');
const folder = join(release, 'otop');
const licencesFile = 'THIRD-PARTY-LICENSES.txt';
const copied = ['README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md', 'docs', 'scripts/contrib'];

/**
 * The released package needs no other package and runs no script, so it has neither in its description. It names its
 * repository if GitHub Actions says which that is: npm accepts a provenance only from the repository that is named.
 */
function releasedManifest(): object {
  const { name, version, description, keywords, license, engines, os, bin, man } = manifest;
  const files = ['dist', licencesFile, ...copied];
  const { GITHUB_REPOSITORY } = process.env;
  const repository = GITHUB_REPOSITORY && {
    type: 'git',
    url: `git+https://github.com/${GITHUB_REPOSITORY}.git`,
  };
  return {
    ...{ name, version, description, keywords, license, engines, os, bin, man, files },
    ...(repository ? { repository } : {}),
  };
}

/** Packs the folder with npm; returns the path of the packed file. */
function packed(): string {
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', release];
  const answer = execFileSync('npm', pack, { cwd: folder, encoding: 'utf8' });
  const [{ filename }] = JSON.parse(answer) as [{ filename: string }];
  return join(release, filename);
}

rmSync(release, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const build = { isRelease: true, commit: currentCommit() };
const modules = await writeProgram({ dir: join(folder, 'dist'), build, isCompiled: false });
writeFileSync(join(folder, licencesFile), licencesOf(packagesOf(modules, copiedPackages)));
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(releasedManifest(), undefined, 2)}\n`);
for (const path of copied) cpSync(join(root, path), join(folder, path), { recursive: true });
const file = packed();
const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
console.log(`${relative(process.cwd(), file)}\n${statSync(file).size} bytes\nsha256 ${sha256}`);

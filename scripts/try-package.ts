import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import manifest from '../package.json' with { type: 'json' };
import { installedNode, isVersion } from './node-program.ts';

/** The oldest Node that is supported, and the newest of each line that is maintained. */
const nodeVersions = ['20.19', '22', '24', '26'];
const commandMs = 60_000;
const frameMs = 30_000;

/** How a command ended. */
interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let passed = 0;
let failed = 0;

/** Counts a check; says it if it failed. */
function check(what: string, isRight: boolean, seen: string): void {
  if (isRight) passed += 1;
  else failed += 1;
  if (!isRight) console.log(`FAIL ${what}: ${seen.trim().slice(-600)}`);
}

/** An empty home and an empty prefix in a folder with a name that is hard to quote; one Node. */
class EmptyWorld {
  readonly folder = mkdtempSync(join(tmpdir(), "otop's träil 数 "));
  readonly home = join(this.folder, 'home');
  readonly prefix = join(this.folder, 'prefix');
  readonly program = join(this.prefix, 'bin/otop');
  readonly env: Readonly<Record<string, string>>;

  constructor(node: string) {
    mkdirSync(this.home);
    this.env = {
      PATH: [dirname(node), process.env.PATH].join(delimiter),
      HOME: this.home,
      TMPDIR: this.folder,
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      // Whatever npm or otop would fetch is missed at once.
      npm_config_offline: 'true',
      npm_config_update_notifier: 'false',
    };
  }

  /** Runs a program in the empty home; never rejects. */
  run(program: string, ...args: readonly string[]): Promise<Ended> {
    return new Promise((done) => {
      const options = { cwd: this.home, env: this.env, timeout: commandMs };
      const child = execFile(program, args, options, (_error, out, err) =>
        done({ code: child.exitCode ?? -1, out, err }),
      );
    });
  }

  /** The files of the prefix with their times, to see whether one was written. */
  installed(): string {
    return readdirSync(this.prefix, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => `${name} ${lstatSync(join(this.prefix, name)).mtimeMs}`)
      .join('\n');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function tryCommands(world: EmptyWorld, name: string): Promise<void> {
  const before = world.installed();
  const expectations: readonly [args: readonly string[], codes: readonly number[], text: RegExp][] = [
    [['--version'], [0], new RegExp(`^${manifest.version.replaceAll('.', '\\.')}\\b`)],
    [['--demo', '--once'], [0], /DEMO/],
    [['sessions', '--demo'], [0], /permission/],
    // Without opencode there is something to complain about.
    [['doctor'], [0, 1], new RegExp(`^otop ${manifest.version.replaceAll('.', '\\.')}\\b`)],
  ];
  for (const [args, codes, text] of expectations) {
    const { code, out, err } = await world.run(world.program, ...args);
    check(
      `${name}: otop ${args.join(' ')}`,
      codes.includes(code) && text.test(out),
      `exit ${code}\n${out}${err}`,
    );
  }
  const link = join(world.folder, 'another name');
  symlinkSync(world.program, link);
  const { out, err } = await world.run(link, '--version');
  check(`${name}: a link to the link`, out.startsWith(manifest.version), out + err);
  await tryServe(world, name);
  check(`${name}: the prefix after all that`, world.installed() === before, world.installed());
}

async function tryServe(world: EmptyWorld, name: string): Promise<void> {
  const what = `${name}: otop serve --demo`;
  const child = spawn(world.program, ['serve', '--demo', '-p', '0'], { cwd: world.home, env: world.env });
  const ended = new Promise<string>((done) =>
    child.once('exit', (code, signal) => done(String(code ?? signal))),
  );
  let err = '';
  child.stderr.on('data', (text) => {
    err += text;
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), commandMs);
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /http:\/\/\S+/.exec(line)?.[0];
    const answer = await fetch(`${address}/health`).catch(String);
    check(`${what}, /health`, typeof answer !== 'string' && answer.status === 200, `${line}: ${answer}`);
    child.kill('SIGTERM');
  }
  const end = await ended;
  clearTimeout(limit);
  check(`${what}, its end`, end === '0', `${end}\n${err}`);
}

/**
 * Runs `npx file:FILE --demo` in a terminal, with an empty cache; prints when the first frame was there. Without `file:`
 * npm takes an absolute path for a program.
 */
async function tryNpx(world: EmptyWorld, name: string, file: string): Promise<void> {
  const server = ['-S', join(world.folder, 'tmux'), '-f', '/dev/null'];
  const since = performance.now();
  let screen = '';
  try {
    const size = ['-x', '100', '-y', '30'];
    const started = await world.run(
      'tmux',
      ...server,
      'new-session',
      '-d',
      ...size,
      'npx',
      '--yes',
      `file:${file}`,
      '--demo',
    );
    screen = started.err;
    while (!screen.includes(' DEMO ') && performance.now() - since < frameMs) {
      await sleep(50);
      screen = (await world.run('tmux', ...server, 'capture-pane', '-p')).out || screen;
    }
  } finally {
    await world.run('tmux', ...server, 'kill-server');
  }
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  check(
    `${name}: npx file:${file} --demo`,
    screen.includes(' DEMO '),
    `no frame after ${seconds} s\n${screen}`,
  );
  console.log(`${name}: the first frame of npx after ${seconds} s`);
}

async function tryNode(version: string, file: string): Promise<void> {
  const node = isVersion(process.version, version) ? process.execPath : installedNode(version);
  const name = `Node ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}`;
  const world = new EmptyWorld(node);
  try {
    await tryNpx(world, name, file);
    const install = await world.run('npm', 'install', '--global', '--prefix', world.prefix, file);
    const isQuiet =
      !/warn|deprecated/i.test(install.out + install.err) && /added 1 package/.test(install.out);
    check(`${name}: npm install`, install.code === 0 && isQuiet, install.out + install.err);
    await tryCommands(world, name);
  } finally {
    world.remove();
  }
}

const release = resolve(import.meta.dirname, '../release');
const [file = join(release, `otop-${manifest.version}.tgz`), ...versions] = process.argv.slice(2);
if (!existsSync(file)) {
  console.error(`there is no ${file}: npm run package`);
  process.exit(2);
}
for (const version of versions.length > 0 ? versions : nodeVersions) await tryNode(version, resolve(file));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

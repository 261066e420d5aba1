import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { watch } from 'rolldown';
import { bundlerOptions } from './build/bundle.ts';

// `npm run dev -- ARGUMENTS`: builds otop, runs it in this terminal, and does both again after a change of any file that
// it consists of. Leaving otop ends this, too. A folder of its own keeps the build of `npm start` as it is.
const folder = resolve(import.meta.dirname, '../.otop-dev');
/** An otop that does not respond to SIGTERM is killed after this time. */
const killDelayMs = 3000;

let running: ChildProcess | undefined;

function say(text: string): void {
  process.stderr.write(`\n${text}\nSave a file to try again; Ctrl-C ends \`npm run dev\`.\n`);
}

/** Starts what was built last. */
function start(): void {
  const started = spawn(process.execPath, [join(folder, 'otop.js'), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  running = started;
  started.on('exit', (code, signal) => {
    if (running !== started) return;
    running = undefined;
    if (code === 0) process.exit();
    say(`otop ended with ${signal ?? `exit code ${code}`}.`);
  });
}

/** Ends the running otop and waits until it has restored the terminal. */
async function stop(): Promise<void> {
  const stopped = running;
  if (!stopped) return;
  running = undefined;
  const timer = setTimeout(() => stopped.kill('SIGKILL'), killDelayMs);
  stopped.kill('SIGTERM');
  await once(stopped, 'exit');
  clearTimeout(timer);
}

rmSync(folder, { recursive: true, force: true });
const build = { isRelease: false, commit: '' };
const options = bundlerOptions({ dir: folder, build, isCompiled: false });
// The running otop loads chunks while the next ones are built.
const watcher = watch({ ...options, output: { ...options.output, cleanDir: false } });
watcher.on('event', async (event) => {
  if (event.code !== 'BUNDLE_END' && event.code !== 'ERROR') return;
  await event.result.close();
  await stop();
  if (event.code === 'ERROR') say(event.error.message);
  else start();
});
for (const name of ['SIGTERM', 'SIGHUP'] as const) {
  process.on(name, async () => {
    await stop();
    process.exit(128 + constants.signals[name]);
  });
}

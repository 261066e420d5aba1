import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../system/exit.ts';
import { errorCode } from '../system/files.ts';

/** The temporary folder of one demo, laid out as the XDG directories that opencode uses. */
export interface DemoFolder {
  readonly path: string;
  readonly dataDir: string;
  readonly configDir: string;
  readonly cacheDir: string;
  readonly stateDir: string;
  /** Removes it; idempotent. */
  remove(): void;
}

const prefix = 'otop-demo-';
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Makes a folder in `temporaryDir`, for the owner only, that goes away with this process: on every exit that runs
 * handlers, and on the signals that would else end it without. What a killed one left is removed by the next.
 * Throws what the file system says.
 */
export function createDemoFolder(temporaryDir: string): DemoFolder {
  sweep(temporaryDir);
  const path = mkdtempSync(join(temporaryDir, `${prefix}${process.pid}-`));
  const at = (name: string) => {
    const directory = join(path, name);
    mkdirSync(join(directory, 'opencode'), { recursive: true });
    return directory;
  };
  const stop = onEnd(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    dataDir: at('data'),
    configDir: at('config'),
    cacheDir: at('cache'),
    stateDir: at('state'),
    remove: () => {
      stop();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Calls `clean` when this process ends; the function returned takes that back. */
function onEnd(clean: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    clean();
    stop();
    // A listener keeps the signal from ending the process: where nobody else listens, it still has to.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const stop = () => {
    process.off('exit', clean);
    for (const signal of signals) process.off(signal, onSignal);
  };
  process.on('exit', clean);
  for (const signal of signals) process.on(signal, onSignal);
  return stop;
}

/** Removes the folders of demos whose process is gone. */
function sweep(temporaryDir: string): void {
  for (const name of readdirSync(temporaryDir)) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      rmSync(join(temporaryDir, name), { recursive: true, force: true });
    } catch (error) {
      // Another person's: theirs to remove.
      if (!isRefused(error)) throw error;
    }
  }
}

function isRefused(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'EPERM' || code === 'EACCES';
}

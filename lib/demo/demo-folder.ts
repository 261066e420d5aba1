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
  /** Removes the folder; idempotent. */
  remove(): void;
}

const prefix = 'otop-demo-';
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Creates a folder in `temporaryDir`, readable by the owner only, and removes it when this process exits or gets a
 * signal. The next demo removes the folder of a killed process. Throws file system errors.
 */
export function createDemoFolder(temporaryDir: string): DemoFolder {
  removeStaleFolders(temporaryDir);
  const path = mkdtempSync(join(temporaryDir, `${prefix}${process.pid}-`));
  const createDir = (name: string) => {
    const directory = join(path, name);
    mkdirSync(join(directory, 'opencode'), { recursive: true });
    return directory;
  };
  const stopListening = onExit(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    dataDir: createDir('data'),
    configDir: createDir('config'),
    cacheDir: createDir('cache'),
    stateDir: createDir('state'),
    remove: () => {
      stopListening();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Calls `clean` when this process exits or gets a signal; returns a function that removes the listeners. */
function onExit(clean: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    clean();
    stop();
    // The listener disabled the signal's default action. Without another listener, the signal must still end the process.
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

/** Removes the folders of demos whose process has ended. */
function removeStaleFolders(temporaryDir: string): void {
  for (const name of readdirSync(temporaryDir)) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      rmSync(join(temporaryDir, name), { recursive: true, force: true });
    } catch (error) {
      // The folder belongs to another user.
      if (!isRefused(error)) throw error;
    }
  }
}

function isRefused(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'EPERM' || code === 'EACCES';
}

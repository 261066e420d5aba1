import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../system/clock.ts';
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
/** `otop-demo-PID@MACHINE-RANDOM`; older folders name no machine. */
const folderName = new RegExp(`^${prefix}(\\d+)(?:@([\\w-]+))?-[^-]+$`);
/** A fleet writes all the time, unless its terminal is suspended. */
const abandonedMs = 7 * 24 * 3_600_000;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Creates a folder in `temporaryDir`, readable by the owner only, and removes it when this process exits or gets a
 * signal. The next demo removes the folder of a killed process. `machine` says where the pid is valid: containers may
 * share the temporary folder. Throws file system errors.
 */
export function createDemoFolder(temporaryDir: string, machine: string): DemoFolder {
  removeStaleFolders(temporaryDir, machine);
  const path = mkdtempSync(join(temporaryDir, `${prefix}${process.pid}@${machine}-`));
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

/**
 * Removes the folders of demos whose process has ended. The processes of another container or boot cannot be asked: their
 * folders are removed when nothing was written for a week.
 */
function removeStaleFolders(temporaryDir: string, machine: string): void {
  for (const name of readdirSync(temporaryDir)) {
    const [found, pid, where] = folderName.exec(name) ?? [];
    if (found === undefined) continue;
    const path = join(temporaryDir, name);
    try {
      if (where === machine ? isAlive(Number(pid)) : !isAbandoned(path)) continue;
      rmSync(path, { recursive: true, force: true });
    } catch (error) {
      // The folder belongs to another user, its own demo has just removed it, or it is a file.
      if (!isRefused(error)) throw error;
    }
  }
}

function isAbandoned(path: string): boolean {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
  const written = ['.', ...names].map(
    (name) => statSync(join(path, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  return Math.max(...written) < systemClock.nowMs() - abandonedMs;
}

function isRefused(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'EPERM' || code === 'EACCES' || code === 'ENOENT' || code === 'ENOTDIR';
}

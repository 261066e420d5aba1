import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { OpencodeProcess } from '../../domain/process/process.ts';
import { namesIn } from '../../system/files.ts';
import { xdgFolder } from '../../system/folders.ts';
import type { Surroundings } from '../../system/surroundings.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import { asDisplay, asNumber, asText, parseObject } from '../json.ts';
import { basic } from './credentials.ts';
import { readOwnText } from './secrets-file.ts';

/** The passwords of opencode servers of this machine, which opencode itself keeps in files and in environments. */
export interface ServerPasswords {
  /**
   * The `Authorization` headers to try at a server of this process, the most likely first; a server without a password
   * needs none. Reads the files at each call, since a service rewrites them at each start.
   */
  headersFor(process: Pick<OpencodeProcess, 'pid' | 'kind'>): readonly string[];
  /** The version in the note of the service with this pid, as of the last `headersFor`; undefined without one. */
  versionOf?(pid: number): DisplayText | undefined;
  /** Says why the password of a file is not used: others can read it. As of the last calls of `headersFor`. */
  readonly troubles: readonly DisplayText[];
}

export interface ServerPasswordsOptions extends Surroundings {
  /** `process.getuid()`: the required owner of the files. */
  readonly userId: number | undefined;
  /** The environment of a process; undefined if it cannot be read. */
  readonly environmentOf: (pid: number) => ReadonlyMap<string, string> | undefined;
}

/** The notes of a service: of the release and its channels, and of the preview (opencode-2.md, "Service note"). */
const noteName = /^(service(-[\w.-]+)?|server)\.json$/;
/** The preview keeps the password beside its note, also for a server that does not register itself. */
const passwordName = 'password';

/**
 * Opens the passwords: in the service's note, in the preview's file beside it, in the service's configuration, and in the
 * environment of a foreground or private server (opencode-2.md, "Password"). A note counts only for the process that it
 * names. A file that others can read is not used.
 */
export function serverPasswords(options: ServerPasswordsOptions): ServerPasswords {
  const { userId, environmentOf } = options;
  const troubles = new Map<string, DisplayText>();
  const versions = new Map<number, DisplayText>();
  const read = (path: string): string | undefined => {
    troubles.delete(path);
    if (!existsSync(path)) return undefined;
    const file = readOwnText(path, { userId, content: 'password' });
    if ('text' in file) return file.text;
    troubles.set(path, file.trouble);
    return undefined;
  };
  const inFiles = (surroundings: Surroundings, pid: number): (string | undefined)[] => {
    const state = join(xdgFolder('state', surroundings), 'opencode');
    const names = namesIn(state);
    const notes = names
      .filter((name) => noteName.test(name))
      .map((name) => parseObject(read(join(state, name))));
    const own = notes.find((note) => asNumber(note?.pid) === pid);
    const beside = names.includes(passwordName) ? read(join(state, passwordName))?.trim() : undefined;
    const isService = own !== undefined;
    const version = asDisplay(own?.version);
    if (version !== undefined) versions.set(pid, version);
    const configured = isService
      ? parseObject(read(join(configFolder(surroundings), 'service.json')))
      : undefined;
    return [asText(own?.password), asText(configured?.password), asText(beside)];
  };
  return {
    headersFor({ pid, kind }) {
      const environment = environmentOf(pid);
      const env = environment && Object.fromEntries(environment);
      const ownPassword = env?.OPENCODE_PASSWORD || env?.OPENCODE_SERVER_PASSWORD;
      const username = env?.OPENCODE_SERVER_USERNAME || 'opencode';
      versions.delete(pid);
      // The process may have other folders than otop: its own environment says where its files are.
      const places = [...(env === undefined ? [] : [{ env, homeDir: env.HOME ?? options.homeDir }]), options];
      const passwords = kind === 'serve' ? places.flatMap((place) => inFiles(place, pid)) : [];
      const headers = [
        ...(ownPassword ? [basic(username, ownPassword)] : []),
        ...passwords.flatMap((password) => (password === undefined ? [] : [basic('opencode', password)])),
      ];
      return [...new Set(headers)];
    },
    versionOf: (pid) => versions.get(pid),
    get troubles() {
      return [...troubles.values()];
    },
  };
}

function configFolder(surroundings: Surroundings): string {
  return surroundings.env.OPENCODE_CONFIG_DIR || join(xdgFolder('config', surroundings), 'opencode');
}

import type { StatusFormat } from '../domain/board/status-format-names.ts';
import type { ServerAddress } from '../domain/process/server-address.ts';
import type { SshHost } from '../domain/process/ssh-host.ts';
import type { ThemeName } from '../domain/schema/configuration.ts';
import type { Filter } from '../domain/table/filter.ts';
import type { LogLevel } from '../system/logger.ts';

/** A size in terminal cells. */
export interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** Every option of every command, as the command line gives them; a command uses those that are its own. */
export interface Options {
  readonly db?: string;
  /** Named servers. */
  readonly server?: readonly ServerAddress[];
  /** False with --no-servers. */
  readonly servers?: boolean;
  /** Other machines, by ssh and by their `otop serve`. */
  readonly host?: readonly SshHost[];
  readonly otop?: readonly ServerAddress[];
  /** False with --no-hosts. */
  readonly hosts?: boolean;
  readonly demo?: boolean;
  readonly seed?: number;
  readonly log?: string;
  readonly logLevel?: LogLevel;
  readonly once?: boolean;
  readonly size?: Size;
  /** Of the slow tick, in milliseconds. */
  readonly delay?: number;
  readonly sort?: string;
  readonly theme?: ThemeName;
  /** The configuration file. */
  readonly config?: string;
  /** False with --no-color. */
  readonly color: boolean;
  /** False with --no-mouse. */
  readonly mouse: boolean;
  readonly ascii?: boolean;
  /** For popups, which stay in front of what was jumped to. */
  readonly exitOnJump?: boolean;
  /** No key acts on a session or a process. */
  readonly readOnly?: boolean;
  readonly all?: boolean;
  readonly includeNoninteractive?: boolean;
  readonly filter?: Filter;
  readonly watch?: boolean;
  readonly schema?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
  readonly report?: boolean;
  readonly format?: StatusFormat;
  readonly port?: number;
  readonly bind?: string;
  readonly allowHost?: readonly string[];
  readonly makeToken?: boolean;
}

/** Where `otop serve` listens unless told. */
export const serveDefaults = { port: 8384, bind: '127.0.0.1' } as const;

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

/** The parsed options of all commands. A command reads only its own ones. */
export interface Options {
  readonly db?: string;
  /** The opencode servers of `--server`. */
  readonly server?: readonly ServerAddress[];
  /** False with `--no-servers`. */
  readonly servers?: boolean;
  /** Other machines over ssh (`--host`). */
  readonly host?: readonly SshHost[];
  /** The `otop serve` of other machines (`--otop`). */
  readonly otop?: readonly ServerAddress[];
  /** False with `--no-hosts`. */
  readonly hosts?: boolean;
  readonly demo?: boolean;
  readonly seed?: number;
  readonly log?: string;
  readonly logLevel?: LogLevel;
  readonly once?: boolean;
  readonly size?: Size;
  /** The interval between two polls, in milliseconds. */
  readonly delay?: number;
  readonly sort?: string;
  readonly theme?: ThemeName;
  /** The path of the configuration file. */
  readonly config?: string;
  /** False with `--no-color`. */
  readonly color: boolean;
  /** False with `--no-mouse`. */
  readonly mouse: boolean;
  readonly ascii?: boolean;
  /** Ends otop after a jump, because a popup would cover the pane that was jumped to. */
  readonly exitOnJump?: boolean;
  /** True if no key and no request may act on a session or a process. */
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
  /** True if every question of `otop bar` is answered with yes. */
  readonly yes?: boolean;
  /** Also overwrites what a person changed by hand. */
  readonly force?: boolean;
  /** Whether `otop bar` installs or removes the service of `otop serve`; undefined asks. */
  readonly serve?: boolean;
  /** The configuration file of a bar. */
  readonly file?: string;
  /** SwiftBar's plugin folder. */
  readonly folder?: string;
}

/** The status bars that otop can write itself into. */
export const barNames = ['tmux', 'swiftbar', 'waybar'] as const;
export type BarName = (typeof barNames)[number];

/** The default port and address of `otop serve`. */
export const serveDefaults = { port: 8384, bind: '127.0.0.1' } as const;

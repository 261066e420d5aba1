import type { Clock } from './clock.ts';
import type { FilesystemProbe } from './filesystem-probe.ts';
import type { Logger } from './logger.ts';
import type { Run } from './run-program.ts';
import type { Surroundings } from './surroundings.ts';

/** The processes and programs of the machine; specs replace them, so that no spec sees the processes of its host. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** The process folder of Linux, `/proc`; other systems do not have it. */
  readonly procRoot: string;
  /** Runs `tmux`, and `ps` and `lsof` on systems without `/proc`. */
  readonly run: Run;
  /** Node and otop as this otop was started, by absolute paths that may be links. */
  readonly program: { readonly node: string; readonly script: string };
}

/** The environment, streams, clock and machine of a command; specs replace them. */
export interface Context extends Surroundings {
  readonly machine: Machine;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly clock: Clock;
  /** Checks that the user's file systems respond; absent if the command needs no check. */
  readonly filesystem?: FilesystemProbe;
  /** otop's own log; absent without `--log`. */
  readonly logger?: Logger;
}

/** Exit codes of every command. */
export const exitCodes = {
  /** Success; for a question: yes. */
  ok: 0,
  /** For a question: no. Otherwise a failure whose reason was printed. */
  no: 1,
  /** The command line was wrong, or the question could not be decided. */
  usage: 2,
  /** A bug in otop (EX_SOFTWARE of sysexits.h). */
  bug: 70,
} as const;

import type { Clock } from './clock.ts';
import type { FilesystemProbe } from './filesystem-probe.ts';
import type { Logger } from './logger.ts';
import type { Surroundings } from './surroundings.ts';

/** What a command may know of the world it was started in; specs give another one. */
export interface Context extends Surroundings {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly clock: Clock;
  /** Whether the person's files can be read now; absent where nobody asks. */
  readonly filesystem?: FilesystemProbe;
  /** otop's own log, where one was asked for. */
  readonly logger?: Logger;
}

/** Exit codes of every command. */
export const exitCodes = {
  /** It worked; for questions: yes. */
  ok: 0,
  /** For questions: no. For the rest: it could not be done, for a reason that was said. */
  no: 1,
  /** The command line was wrong, or it could not tell. */
  usage: 2,
  /** A bug in otop (EX_SOFTWARE of sysexits.h). */
  bug: 70,
} as const;

/** What a process's arguments say about its session. */
export interface SessionArgs {
  /** `-s ID`, `--session ID`, `--session=ID`. */
  readonly sessionId?: string;
  /** `-c`, `--continue`. */
  readonly continues: boolean;
  /** `--fork`: a new session is made from the named one. */
  readonly forks: boolean;
}

/** Reads the session flags of opencode's command line; what follows `--` is a prompt's words. */
export function sessionArgs(args: readonly string[]): SessionArgs {
  const end = args.indexOf('--');
  const flags = end < 0 ? args : args.slice(0, end);
  const sessionId = flags.flatMap((flag, index) => sessionIdOf(flag, flags[index + 1])).at(-1);
  return {
    ...(sessionId === undefined ? {} : { sessionId }),
    continues: flags.some((flag) => flag === '-c' || flag === '--continue' || flag === '--continue=true'),
    forks: flags.some((flag) => flag === '--fork' || flag === '--fork=true'),
  };
}

function sessionIdOf(flag: string, next: string | undefined): string[] {
  const id = flag === '-s' || flag === '--session' ? next : /^(?:--session=|-s=?)(ses_.*)$/.exec(flag)?.[1];
  return id?.startsWith('ses_') ? [id] : [];
}

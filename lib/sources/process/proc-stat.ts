/** The fields of `/proc/PID/stat` (proc_pid_stat(5)) that otop uses. */
export interface ProcStat {
  readonly pid: number;
  readonly name: string;
  /** `Z` (zombie) and `X` mean that the process has ended. */
  readonly state: string;
  readonly parentPid: number;
  /** The pid of the session leader: in tmux the first process of the pane. */
  readonly sessionPid: number;
  readonly ttyNumber: number;
  /** User and system time together. */
  readonly cpuTicks: number;
  /** The start time since boot; with the pid it identifies a process until the next boot. */
  readonly startTicks: number;
  readonly rssPages: number;
}

/**
 * Parses one stat line; returns undefined if it is cut short. The name may contain spaces and parentheses, so it ends at
 * the last `)`.
 */
export function parseStat(text: string): ProcStat | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  const number = (field: number) => Number(fields[field - 3]);
  const stat = {
    pid: Number.parseInt(text, 10),
    name: text.slice(open + 1, close),
    state: fields[0] ?? '',
    parentPid: number(4),
    sessionPid: number(6),
    ttyNumber: number(7),
    cpuTicks: number(14) + number(15),
    startTicks: number(22),
    rssPages: number(24),
  };
  return open > 0 && close > open && fields.length > 21 && Number.isFinite(stat.rssPages) ? stat : undefined;
}

/** True for a zombie, which still has its pid but no longer runs. */
export function isDead(stat: ProcStat): boolean {
  return stat.state === 'Z' || stat.state === 'X';
}

/** The name of a terminal under `/dev`, from its device number (Documentation/admin-guide/devices.txt); else undefined. */
export function terminalName(ttyNumber: number): string | undefined {
  const major = (ttyNumber >> 8) & 0xfff;
  const minor = (ttyNumber & 0xff) | ((ttyNumber >> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `pts/${minor + (major - 136) * 256}`;
  if (major === 4) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`;
  return ttyNumber === 0x501 ? 'console' : undefined;
}

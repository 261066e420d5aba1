import type { Options } from '../config/options.ts';
import { type WhyInput, whyProcess, whySession } from '../domain/evidence/why.ts';
import { openMonitor } from '../monitor/open-monitor.ts';
import { takeBoard } from '../monitor/take-board.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';

/** `otop why PID|SESSION`: prints the evidence as text. Exit code 1 if there is no such process or session. */
export async function printWhy(subject: string, options: Options, context: Context): Promise<number> {
  const { monitor } = await openMonitor({ ...options, all: true }, context, false);
  try {
    const board = await takeBoard(monitor, context);
    const lines = explain(subject, monitor.evidence(board));
    if (lines === undefined) {
      const known = /^\d+$/.test(subject) ? 'no opencode process has the number' : 'no session has the id';
      context.stderr.write(`otop: ${known} ${sanitize(subject, 60)}; \`otop sessions --all\` lists them\n`);
      return exitCodes.no;
    }
    context.stdout.write(`${lines.join('\n')}\n`);
    return exitCodes.ok;
  } finally {
    monitor.close();
  }
}

function explain(subject: string, input: WhyInput): DisplayText[] | undefined {
  const process = input.processes.find(({ pid }) => String(pid) === subject);
  if (process) return whyProcess(process, input);
  const session = input.sessions.get(subject);
  return session && whySession(session, input);
}

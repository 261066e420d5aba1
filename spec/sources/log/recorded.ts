import { readFileSync } from 'node:fs';
import { factsOf, type RunFacts } from '../../../lib/sources/log/facts.ts';
import { parseLogLine } from '../../../lib/sources/log/log-file.ts';
import { RunEvents } from '../../../lib/sources/log/run-events.ts';

/** The text of a log recorded from a real opencode; see `spec/fixtures/log/README.md`. */
export function recordedLog(name: string): string {
  return readFileSync(new URL(`../../fixtures/log/${name}.log`, import.meta.url), 'utf8');
}

/** The facts of all runs in a log text that is read at once. Every other way of reading must give the same. */
export function factsOfText(text: string): Map<string, RunFacts> {
  const runs = new Map<string, RunEvents>();
  let offset = 0;
  for (const line of text.split(/(?<=\n)/)) {
    const parsed = parseLogLine(line.trimEnd());
    if (parsed !== undefined) {
      const run = runs.get(parsed.run ?? '') ?? new RunEvents();
      runs.set(parsed.run ?? '', run);
      run.add(parsed, offset);
    }
    offset += Buffer.byteLength(line);
  }
  return new Map([...runs].map(([name, events]) => [name, factsOf(events.inOrder(), events)]));
}

/** Facts as lines for a snapshot; ids are shortened to their last four characters. */
export function linesOf(facts: RunFacts): string[] {
  const short = (id: string) => id.replace(/^(ses|per|que)_.*(.{4})$/, '$1_…$2');
  const time = (ms: number) => new Date(ms).toISOString().slice(11, 23);
  return [
    ...facts.sessions.map(
      (session) =>
        `${time(session.atMs)} ${session.how} ${short(session.sessionId)}${session.parentId === undefined ? '' : ` of ${short(session.parentId)}`}`,
    ),
    ...facts.asks.map(
      (ask) =>
        `${time(ask.atMs)} ${ask.kind} ${short(ask.id)} ${ask.permission ?? ''} ${ask.patterns.join(', ')}${ask.repliedAtMs === undefined ? '' : ` replied ${time(ask.repliedAtMs)}`}`,
    ),
    ...facts.streams.map(
      (stream) =>
        `${time(stream.atMs)} stream ${short(stream.sessionId)} ${stream.agent ?? ''} x${stream.attempts} ${stream.errorText ?? ''}`,
    ),
    ...[...facts.loopEndedAtMs].map(([id, atMs]) => `${time(atMs)} ended ${short(id)}`),
  ];
}

import { describe, expect, it } from 'vitest';
import type { ReportedStatus } from '../../../lib/domain/session/reported-status.ts';
import { rules } from '../../../lib/domain/session/rules/rules.ts';
import type { StateEvidence } from '../../../lib/domain/session/rules/state-evidence.ts';
import type { Session } from '../../../lib/domain/session/session.ts';
import type { SessionState } from '../../../lib/domain/session/state.ts';
import { processState, sessionState } from '../../../lib/domain/session/status.ts';
import {
  ago,
  ask,
  assistant,
  child,
  finished,
  logFacts,
  nowMs,
  pane,
  process,
  prompt,
  reasoningPart,
  session,
  stepStart,
  stream,
  text,
  textPart,
  toolPart,
  working,
} from '../../support/builders.ts';

/** The state as text: `rule: name since marks | detail`. */
function describeState(state: SessionState): string {
  const since = state.sinceMs === undefined ? '-' : `${(nowMs - state.sinceMs) / 1000}s`;
  const name = [state.name, state.askingFor, state.tool].filter((one) => one !== undefined).join(' ');
  const marks = `${state.needsYou ? ' needs you' : ''}${state.unread ? ' unread' : ''}`;
  return `${state.rule}: ${name} ${since}${marks}${state.detail === undefined ? '' : ` | ${state.detail}`}`;
}

function stateOf(of: Session, some: Partial<StateEvidence> = {}): string {
  return describeState(sessionState({ session: of, process: process(), log: logFacts(), nowMs, ...some }));
}

function reported(some: Partial<ReportedStatus> = {}): ReportedStatus {
  return { source: 'marker', sessionId: 'ses_a', atMs: ago(1), asks: [], ...some };
}

const bashWaits = toolPart({ hasMetadata: false });

describe('a session at work', () => {
  it('waits for the first token while its message has no part', () => {
    expect(stateOf(working([]))).toBe('step: thinking 59s | waiting for the first token');
    expect(stateOf(working([stepStart]))).toBe('step: thinking 59s | waiting for the first token');
  });

  it('thinks while a reasoning part is open, and waits again after it', () => {
    expect(stateOf(working([stepStart, reasoningPart(20)]))).toBe('step: thinking 20s | reasoning');
    const waits = 'step: thinking 5s | waiting for the first token';
    expect(stateOf(working([stepStart, reasoningPart(20, 5)]))).toBe(waits);
  });

  it('generates while a text part is open: its text is "" until the end', () => {
    expect(stateOf(working([stepStart, textPart(45)]))).toBe('step: generating 45s');
    expect(stateOf(working([stepStart, reasoningPart(50, 46), textPart(45, 2)]))).toBe(
      'step: generating 45s',
    );
  });

  it('uses a tool while one is pending or running, and names it and its subject', () => {
    expect(stateOf(working([textPart(30, 12), toolPart()]))).toBe('step: tool use bash 10s | npm test');
    const { subject: _, ...pending } = { ...toolPartCall({ status: 'pending' }) };
    expect(stateOf(working([{ kind: 'tool', call: pending }]))).toBe('step: tool use bash 10s');
    const two = working([toolPart(), toolPart({ partId: 'prt_301', subject: text('ls') })]);
    expect(stateOf(two)).toBe('step: tool use bash 10s | npm test (+1 more)');
  });

  it('thinks between the steps of a turn', () => {
    const between = session({ newestAssistant: finished(1.5, { finish: text('tool-calls') }) });
    expect(stateOf(between)).toBe('between-steps: thinking 1.5s | waiting for the next step');
    const toolDone = working([toolPart({ status: 'completed', endedAtMs: ago(4) })]);
    expect(stateOf(toolDone)).toBe('step: thinking 4s | waiting for the next step');
  });

  it('thinks from the prompt on, before its first step', () => {
    const typed = prompt({ id: 'msg_300', createdAtMs: ago(0.2) });
    expect(stateOf(session({ newestUser: typed, lastPrompt: typed }))).toBe(
      'prompted: thinking 0.2s | waiting for the first token',
    );
  });

  it('stops thinking about a prompt that nothing answers', () => {
    const typed = prompt({ id: 'msg_300', createdAtMs: ago(90) });
    const unanswered = session({
      newestUser: typed,
      newestAssistant: finished(100, { createdAtMs: ago(120) }),
    });
    expect(stateOf(unanswered)).toBe('idle: idle 90s');
    expect(stateOf(unanswered, { reported: reported({ activity: { kind: 'busy' } }) })).toBe(
      'prompted: thinking 90s | waiting for the first token',
    );
  });

  it('has a queued prompt if one is younger than the step, and names the work that it waits for', () => {
    const typed = prompt({ id: 'msg_300', createdAtMs: ago(3) });
    const queued = { ...working([toolPart()]), newestUser: typed };
    expect(stateOf(queued)).toBe('queued: queued bash 3s | behind bash: npm test');
    const sameTime = prompt({ id: 'msg_300', createdAtMs: ago(59) });
    expect(stateOf({ ...working([]), newestUser: sameTime })).toMatch(/^queued/);
  });

  it('compacts from the request to the end of the summary', () => {
    const request = prompt({ id: 'msg_300', kind: 'compaction', createdAtMs: ago(2) });
    expect(stateOf(session({ newestUser: request }))).toBe('compacting-asked: compacting 2s');
    expect(stateOf(working([textPart(5)], { isSummary: true }))).toBe('compacting: compacting 59s');
    const goesOn = prompt({ id: 'msg_300', kind: 'synthetic', createdAtMs: ago(1) });
    const summarised = session({ newestUser: goesOn, newestAssistant: finished(1.2, { isSummary: true }) });
    expect(stateOf(summarised)).toMatch(/^prompted: thinking/);
  });
});

function toolPartCall(some: Parameters<typeof toolPart>[0]) {
  const part = toolPart(some);
  if (part.kind !== 'tool') throw new Error('toolPart builds tools');
  return part.call;
}

describe('a permission, by the log', () => {
  const asking = 'permission-log: asking permission bash 9.9s needs you | npm test';

  it('is asked for if the line fits the time and the tool of the part', () => {
    expect(stateOf(working([bashWaits]), { log: logFacts({ asks: [ask(9.9)] }) })).toBe(asking);
  });

  it.each([
    ['a shell call', 'bash', 'bash'],
    ['an edit', 'edit', 'edit'],
    ['a write', 'write', 'edit'],
    ['a patch', 'apply_patch', 'edit'],
    ['a web fetch', 'webfetch', 'webfetch'],
    ['a subagent', 'task', 'task'],
    ['an MCP tool', 'github_create_issue', 'github_create_issue'],
    ['a directory outside', 'read', 'external_directory'],
    ['a loop', 'grep', 'doom_loop'],
    ['a tool with a name of JavaScript', 'toString', 'toString'],
  ])('of %s is asked as its own permission', (_, tool, permission) => {
    const waits = working([toolPart({ hasMetadata: false, tool: text(tool), subject: text('x') })]);
    const log = logFacts({ asks: [ask(9.9, { permission })] });
    expect(stateOf(waits, { log })).toBe(`permission-log: asking permission ${tool} 9.9s needs you | x`);
  });

  it.each([
    ['some milliseconds early, since two writers race', 10.09, 'rm -rf x', 'permission-log'],
    ['too early for a match by time', 10.2, 'rm -rf x', 'step'],
    ['early on a loaded machine, naming the command', 10.45, 'npm test', 'permission-log'],
    ["too early: an older call's", 10.6, 'npm test', 'step'],
    ['late, naming the command', 7, 'npm test', 'permission-log'],
    ['late, naming another command', 7, 'rm -rf x', 'step'],
    ['too late', 4.9, 'npm test', 'step'],
  ])('may be logged %s', (_, secondsAgo, pattern, rule) => {
    const log = logFacts({ asks: [ask(secondsAgo, { patterns: [text(pattern)] })] });
    expect(stateOf(working([bashWaits]), { log })).toMatch(new RegExp(`^${rule}:`));
  });

  it.each([
    ['from the root of the disk, outside git', 'tmp/home/alpha/out.txt', 'out.txt', 'permission-log'],
    ['from the root of the repository', 'lib/out.txt', './lib/out.txt', 'permission-log'],
    ['if the call has the absolute path', 'lib/out.txt', '/home/u/projA/lib/out.txt', 'permission-log'],
    ['of another file', 'lib/knockout.txt', 'out.txt', 'step'],
  ])('may name its file late, %s', (_, pattern, subject, rule) => {
    const writes = working([toolPart({ hasMetadata: false, tool: text('write'), subject: text(subject) })]);
    const log = logFacts({ asks: [ask(9, { permission: 'edit', patterns: [text(pattern)] })] });
    expect(stateOf(writes, { log })).toMatch(new RegExp(`^${rule}:`));
  });

  it('is tool use until the log can have the line (logs come in batches from 1.17 on)', () => {
    const fresh = working([toolPart({ hasMetadata: false, startedAtMs: ago(0.9) })]);
    expect(stateOf(fresh)).toBe('step: tool use bash 0.9s | npm test');
  });

  it('is not asked for by tools that never have metadata, without a line of the log', () => {
    for (const tool of ['webfetch', 'github_search', 'read', 'task', 'bash']) {
      const runs = working([toolPart({ hasMetadata: false, tool: text(tool) })]);
      expect(stateOf(runs)).toBe(`step: tool use ${tool} 10s | npm test`);
    }
  });

  it('is not asked for by a line of another tool at the same time', () => {
    const fetches = working([toolPart({ hasMetadata: false, tool: text('webfetch') })]);
    expect(stateOf(fetches, { log: logFacts({ asks: [ask(9.9)] }) })).toMatch(/^step: tool use webfetch/);
  });

  it('is over when the part gains metadata (approved, 1.14.41 and newer)', () => {
    const log = logFacts({ asks: [ask(9.9)] });
    expect(stateOf(working([toolPart()]), { log })).toMatch(/^step: tool use/);
    // Up to 1.17.19 the approval resets the start as well.
    expect(stateOf(working([toolPart({ startedAtMs: ago(3) })]), { log })).toBe(
      'step: tool use bash 3s | npm test',
    );
  });

  it('is over when the part changed since the ask', () => {
    const changed = working([toolPart({ hasMetadata: false, updatedAtMs: ago(4) })]);
    expect(stateOf(changed, { log: logFacts({ asks: [ask(9.9)] }) })).toMatch(/^step: tool use/);
  });

  it('is over when the log has its reply (1.15 and older)', () => {
    const log = logFacts({ run: '2026-11-22T142930.log', asks: [ask(9.9, { repliedAtMs: ago(5) })] });
    expect(stateOf(working([bashWaits]), { log })).toMatch(/^step: tool use/);
  });

  it('is over when a shell child is younger than the ask (1.2: bash without metadata)', () => {
    const log = logFacts({ asks: [ask(9.9)] });
    const running = process({ children: [child(5, 'npm test')] });
    expect(stateOf(working([bashWaits]), { log, process: running })).toMatch(/^step: tool use/);
    const mcpServer = process({ children: [child(590, 'node /home/u/mcp.mjs'), child(5, 'gopls')] });
    expect(stateOf(working([bashWaits]), { log, process: mcpServer })).toBe(asking);
  });

  it('ends the turn at once when rejected, unless the rejection has feedback', () => {
    const refused = 'The user rejected permission to use this specific tool call';
    const endedBy = (error: string) => {
      const part = toolPart({ status: 'error', hasMetadata: false, endedAtMs: ago(1), error: text(error) });
      return session({ newestAssistant: finished(1, { finish: text('tool-calls'), parts: [part] }) });
    };
    const log = logFacts({ asks: [ask(9.9)] });
    expect(stateOf(endedBy(`${refused}.`), { log })).toBe('interrupted: idle 1s | rejected');
    expect(stateOf(endedBy('The user dismissed this question'), { log })).toBe(
      'interrupted: idle 1s | rejected',
    );
    expect(stateOf(endedBy(`${refused} with the following feedback: no`), { log })).toMatch(/^between-steps/);
    const in1227 = 'PermissionRejectedError({"_tag":"PermissionRejectedError"})';
    expect(stateOf(endedBy(in1227), { log })).toBe('interrupted: idle 1s | rejected');
    expect(stateOf(endedBy('exit code 1'), { log })).toMatch(/^between-steps/);
  });

  it('of the second of two parallel calls remains when the first is approved', () => {
    const second = toolPart({
      partId: 'prt_301',
      hasMetadata: false,
      startedAtMs: ago(9.98),
      subject: text('ls'),
    });
    const log = logFacts({ asks: [ask(9.95), ask(9.94, { id: 'per_2', patterns: [text('ls')] })] });
    expect(stateOf(working([bashWaits, second]), { log })).toMatch(
      /asking permission bash 9.95s needs you \| npm/,
    );
    expect(stateOf(working([toolPart(), second]), { log })).toMatch(
      /asking permission bash .* needs you \| ls$/,
    );
  });

  it('of a command follows that of an outside directory (replies are logged up to 1.15)', () => {
    const asks = [
      ask(9.9, { permission: 'external_directory', patterns: [text('/etc/*')], repliedAtMs: ago(4) }),
      ask(3.95, { id: 'per_2' }),
    ];
    expect(stateOf(working([bashWaits]), { log: logFacts({ asks }) })).toBe(
      'permission-log: asking permission bash 3.95s needs you | npm test',
    );
  });
});

describe('a permission, without a readable log', () => {
  const noLog = { log: undefined };

  it('is inferred for a shell call without metadata or child after 1.5 s, from 1.14.41 on', () => {
    expect(stateOf(working([bashWaits]), noLog)).toBe(
      'permission-inferred: asking permission bash 10s needs you | npm test',
    );
    const fresh = working([toolPart({ hasMetadata: false, startedAtMs: ago(1.4) })]);
    expect(stateOf(fresh, noLog)).toMatch(/^step: tool use/);
  });

  it('is not inferred for older versions, other tools, running children, or against a report', () => {
    expect(stateOf({ ...working([bashWaits]), version: text('1.2.27') }, noLog)).toMatch(/^step/);
    expect(stateOf(working([toolPart({ hasMetadata: false, tool: text('webfetch') })]), noLog)).toMatch(
      /^step/,
    );
    const running = process({ children: [child(9.9, '/bin/bash -c npm test')] });
    expect(stateOf(working([bashWaits]), { ...noLog, process: running })).toMatch(/^step/);
    expect(stateOf(working([bashWaits]), { ...noLog, reported: reported() })).toMatch(/^step/);
  });

  it.each([
    ['1.14.41', 'asking'],
    ['1.15.0', 'asking'],
    ['2.0.3', 'asking'],
    ['0.0.0-dev-202609212252', 'asking'],
    ['1.14.34', 'tool use'],
    ['1.3.2', 'tool use'],
    ['next', 'tool use'],
    ['', 'tool use'],
  ])('in a session of %s gives %s', (version, name) => {
    const waits = { ...working([bashWaits]), version: text(version) };
    expect(sessionState({ session: waits, process: process(), nowMs }).name).toBe(name);
  });
});

describe('a question', () => {
  it('is asked while its part runs: the database alone proves it', () => {
    const part = toolPart({ tool: text('question'), hasMetadata: false, question: text('Which db?') });
    const asks = 'question-part: asking question 10s needs you | Which db?';
    expect(stateOf(working([part]))).toBe(asks);
    expect(stateOf(working([part]), { log: undefined })).toBe(asks);
  });
});

describe('a reported status', () => {
  const asks = [
    { id: 'per_1', kind: 'permission', tool: text('edit'), patterns: [text('out.txt')], askedAtMs: ago(4) },
  ] as const;

  it('gives the ask, even against the log', () => {
    expect(stateOf(working([bashWaits]), { reported: reported({ asks }) })).toBe(
      'live-ask: asking permission edit 4s needs you | out.txt',
    );
  });

  it('is ignored if the turn ended after the ask', () => {
    const over = session({ newestAssistant: finished(2) });
    expect(stateOf(over, { reported: reported({ asks, atMs: ago(3) }) })).toBe('idle: idle 2s');
  });

  it('without asks refutes only older lines of the log', () => {
    const log = logFacts({ asks: [ask(9.9)] });
    expect(stateOf(working([bashWaits]), { log, reported: reported({ atMs: ago(5) }) })).toMatch(
      /^step: tool use/,
    );
    expect(stateOf(working([bashWaits]), { log, reported: reported({ atMs: ago(11) }) })).toMatch(
      /^permission-log/,
    );
  });

  it('gives a retry with its attempt and reason', () => {
    const activity = { kind: 'retry', attempt: 2, message: text('Rate limit reached') } as const;
    expect(stateOf(working([]), { reported: reported({ activity }) })).toBe(
      'retry-live: retrying 1s | attempt 2: Rate limit reached',
    );
    expect(stateOf(session(), { reported: reported({ activity }) })).toBe('idle: idle 30s');
  });

  it('of a server gives no time: the response time would restart the state with each poll', () => {
    const activity = { kind: 'retry', attempt: 1 } as const;
    expect(stateOf(working([]), { reported: reported({ source: 'server', activity }) })).toMatch(
      /^retry-live: retrying 59s/,
    );
    const idle = reported({ source: 'server', activity: { kind: 'idle' } });
    expect(stateOf(working([textPart(20)]), { reported: idle })).toBe('interrupted: idle 20s | aborted');
    const [first] = asks;
    const { askedAtMs: _, ...undated } = first;
    expect(stateOf(working([]), { reported: reported({ source: 'server', asks: [undated] }) })).toMatch(
      /^live-ask: asking .* -/,
    );
  });

  it('of the plugin ends a turn at once; of a server only after a minimum distance', () => {
    const justAfter = { activity: { kind: 'idle' }, atMs: ago(19.9) } as const;
    expect(stateOf(working([textPart(20)]), { reported: reported(justAfter) })).toMatch(/^interrupted: idle/);
    expect(
      stateOf(working([textPart(20)]), { reported: reported({ ...justAfter, source: 'server' }) }),
    ).toMatch(/^step/);
    const typed = session({
      newestUser: prompt({ id: 'msg_300', createdAtMs: ago(3) }),
      newestAssistant: finished(100, { createdAtMs: ago(120) }),
    });
    const idle = { activity: { kind: 'idle' }, atMs: ago(2.9) } as const;
    expect(stateOf(typed, { reported: reported(idle) })).toBe('idle: idle 3s');
    expect(stateOf(typed, { reported: reported({ ...idle, source: 'server' }) })).toMatch(
      /^prompted: thinking/,
    );
  });

  it('gives a failure without a message until the next prompt; an abort is no failure', () => {
    const typed = session({
      newestUser: prompt({ id: 'msg_300', createdAtMs: ago(9) }),
      newestAssistant: finished(100, { createdAtMs: ago(120) }),
    });
    const failed = (name: string, secondsAgo: number) =>
      stateOf(typed, {
        reported: reported({
          activity: { kind: 'idle' },
          error: { name: text(name), message: text('no such model'), atMs: ago(secondsAgo) },
        }),
      });
    expect(failed('ProviderModelNotFoundError', 8)).toBe(
      'error-live: error 8s needs you | ProviderModelNotFoundError: no such model',
    );
    expect(failed('ProviderModelNotFoundError', 200)).toBe('idle: idle 9s');
    expect(failed('MessageAbortedError', 8)).toBe('idle: idle 9s');
  });

  it('of idle ends a turn that is open in the database; of busy continues one between steps', () => {
    expect(stateOf(working([textPart(20)]), { reported: reported({ activity: { kind: 'idle' } }) })).toBe(
      'interrupted: idle 1s | aborted',
    );
    const before = reported({ activity: { kind: 'idle' }, atMs: ago(59.5) });
    expect(stateOf(working([]), { reported: before })).toMatch(/^step: thinking/);
    const between = session({ newestAssistant: finished(20, { finish: text('tool-calls') }) });
    expect(stateOf(between, { reported: reported({ activity: { kind: 'busy' } }) })).toMatch(
      /^between-steps: thinking 20s/,
    );
    expect(stateOf(between)).toMatch(/^idle: idle 20s/);
  });
});

describe('a retry, by the log', () => {
  it('is an error of the last request, since the database holds nothing', () => {
    const errored = stream(20, {
      errorAtMs: ago(19),
      errorText: text('AI_APICallError: Rate limit reached'),
    });
    expect(stateOf(working([]), { log: logFacts({ streams: [errored] }) })).toBe(
      'retry-log: retrying 19s | attempt 1: Rate limit reached',
    );
  });

  it('is found although logs up to 1.15 round times down to seconds', () => {
    const begun = working([], { createdAtMs: ago(18.4) });
    const streams = [stream(19, { errorAtMs: ago(19), errorText: text('Rate limit reached') })];
    expect(stateOf(begun, { log: logFacts({ streams, run: '2026-11-22T142930.log' }) })).toMatch(
      /^retry-log/,
    );
    expect(stateOf(begun, { log: logFacts({ streams }) })).toMatch(/^step: thinking/);
  });

  it('is a repeated request after the connection broke without a logged error', () => {
    const again = stream(18, { attempts: 3 });
    expect(stateOf(working([]), { log: logFacts({ streams: [again] }) })).toBe(
      'retry-log: retrying 18s | attempt 2',
    );
  });

  it('is a wait for the model while the repeated request is in flight', () => {
    const again = stream(5, { attempts: 2, errorAtMs: ago(19), errorText: text('Rate limit reached') });
    expect(stateOf(working([]), { log: logFacts({ streams: [again] }) })).toMatch(/^step: thinking/);
  });

  it('is over when a part is younger; an older step, another session and the title request do not count', () => {
    const errored = { errorAtMs: ago(19), errorText: text('Rate limit reached') };
    const log = logFacts({ streams: [stream(20, errored)] });
    expect(stateOf(working([textPart(3)]), { log })).toMatch(/^step: generating/);
    expect(stateOf(working([], { createdAtMs: ago(10) }), { log })).toMatch(/^step: thinking/);
    const other = logFacts({ streams: [stream(20, { ...errored, sessionId: 'ses_b' })] });
    expect(stateOf(working([]), { log: other })).toMatch(/^step: thinking/);
    const title = logFacts({ streams: [stream(20, { ...errored, agent: text('title') })] });
    expect(stateOf(working([]), { log: title })).toMatch(/^step: thinking/);
  });
});

describe('the end of a turn', () => {
  it('is idle', () => {
    expect(stateOf(session())).toBe('idle: idle 30s');
    expect(stateOf(session({ newestAssistant: finished(30, { finish: text('content-filter') }) }))).toBe(
      'idle: idle 30s',
    );
  });

  it('is unread if it came after the session was last viewed, unless its pane is on a screen now', () => {
    expect(stateOf(session(), { viewedAtMs: ago(40) })).toBe('idle: idle 30s unread');
    expect(stateOf(session(), { viewedAtMs: ago(20) })).toBe('idle: idle 30s');
    const shown = process({ pane: pane({ active: true }) });
    expect(stateOf(session(), { viewedAtMs: ago(40), process: shown })).toBe('idle: idle 30s');
  });

  it('is idle and not unread if the user aborted it', () => {
    const aborted = finished(5, { error: { name: text('MessageAbortedError'), message: text('Aborted') } });
    const { finish: _, ...withoutFinish } = aborted;
    expect(stateOf(session({ newestAssistant: withoutFinish }), { viewedAtMs: ago(60) })).toBe(
      'interrupted: idle 5s | aborted',
    );
    const duringRetry = assistant({ completedAtMs: ago(5) });
    expect(stateOf(session({ newestAssistant: duringRetry }), { viewedAtMs: ago(60) })).toBe(
      'interrupted: idle 5s | aborted',
    );
  });

  it.each([
    ['APIError', 'bad request: fake'],
    ['ProviderAuthError', 'no key'],
    ['UnknownError', 'boom'],
    ['ContextOverflowError', 'too long'],
  ])('is an error with %s, and needs you', (name, message) => {
    const failed = assistant({ completedAtMs: ago(5), error: { name: text(name), message: text(message) } });
    expect(stateOf(session({ newestAssistant: failed }))).toBe(
      `error: error 5s needs you | ${name}: ${message}`,
    );
  });

  it('is truncated at the output limit', () => {
    const cut = session({ newestAssistant: finished(5, { finish: text('length') }) });
    expect(stateOf(cut)).toBe('truncated: truncated 5s needs you');
    const { finish: _, ...noFinish } = finished(5, { error: { name: text('MessageOutputLengthError') } });
    expect(stateOf(session({ newestAssistant: noFinish }))).toBe('truncated: truncated 5s needs you');
  });

  it('is forgotten with the next prompt', () => {
    const failed = assistant({ completedAtMs: ago(5), error: { name: text('APIError') } });
    const typed = prompt({ id: 'msg_300', createdAtMs: ago(0.1) });
    expect(stateOf(session({ newestAssistant: failed, newestUser: typed }))).toMatch(/^prompted: thinking/);
  });

  it('is idle between an /undo and the next prompt', () => {
    expect(stateOf({ ...working([textPart(5)]), reverted: true })).toBe('undone: idle 30s | undone');
  });

  it('comes from the log if the message is still open, but only from a line of this turn', () => {
    const open = working([textPart(20)]);
    const ended = logFacts({ loopEndedAtMs: new Map([['ses_a', ago(5)]]) });
    expect(stateOf(open, { log: ended })).toBe('interrupted: idle 5s | aborted');
    const before = logFacts({ loopEndedAtMs: new Map([['ses_a', ago(70)]]) });
    expect(stateOf(open, { log: before })).toBe('step: generating 20s');
  });
});

describe('a session without its process', () => {
  it.each([
    ['text open', working([textPart(20)])],
    ['tool running', working([toolPart()])],
    ['permission', working([bashWaits])],
    ['compaction', working([], { isSummary: true })],
    ['nothing yet', working([])],
  ])('is stale in the middle of a turn (%s), since its last activity', (_, open) => {
    const state = sessionState({ session: open, log: logFacts({ asks: [ask(9.9)] }), nowMs });
    expect(state).toMatchObject({ name: 'stale', rule: 'left', needsYou: false });
  });

  it('is stale with an unanswered prompt, else keeps its last state, and needs nobody', () => {
    const typed = prompt({ id: 'msg_300', createdAtMs: ago(10) });
    const gone = { process: undefined, log: undefined };
    expect(stateOf(session({ newestUser: typed }), gone)).toBe('left: stale 10s');
    expect(stateOf(session(), gone)).toBe('idle: idle 30s');
    const failed = assistant({ completedAtMs: ago(5), error: { name: text('APIError') } });
    expect(stateOf(session({ newestAssistant: failed }), gone)).toBe('error: error 5s | APIError');
  });

  it('is stale in a process that started after the message: a resume repairs nothing', () => {
    const young = process({ startedAtMs: ago(30) });
    expect(stateOf(working([textPart(50)]), { process: young })).toBe('left: stale 50s');
    const typed = prompt({ id: 'msg_300', createdAtMs: ago(2) });
    const resumed = { ...working([textPart(50)]), newestUser: typed };
    expect(stateOf(resumed, { process: young })).toBe('prompted: thinking 2s | waiting for the first token');
  });
});

describe('a subagent', () => {
  const sub = session({ id: 'ses_sub', parentId: 'ses_a', title: text('explore (@general subagent)') });
  const root = working([toolPart({ tool: text('task'), subject: text('explore') })]);

  it('raises its ask to its root, with its name', () => {
    const log = logFacts({ asks: [ask(9.9)] });
    const asking = { ...sub, newestAssistant: assistant({ parts: [bashWaits] }) };
    const subState = sessionState({ session: asking, process: process(), log, nowMs });
    expect(describeState(subState)).toBe('permission-log: asking permission bash 9.9s needs you | npm test');
    const raised = sessionState({
      session: root,
      process: process(),
      log,
      subagents: [{ session: asking, state: subState }],
      nowMs,
    });
    expect(describeState(raised)).toBe('raised-ask: asking permission bash 9.9s needs you | npm test');
    expect(raised.raisedFrom).toEqual({ sessionId: 'ses_sub', title: 'explore (@general subagent)' });
  });

  it('makes its root show tool use while it works', () => {
    const state = sessionState({
      session: { ...sub, newestAssistant: assistant() },
      process: process(),
      nowMs,
    });
    expect(stateOf(root, { subagents: [{ session: sub, state }] })).toBe('step: tool use task 10s | explore');
  });

  it("is never unread, and its failure is its parent's to handle", () => {
    expect(stateOf(sub, { viewedAtMs: ago(100) })).toBe('idle: idle 30s');
    const failed = {
      ...sub,
      newestAssistant: assistant({ completedAtMs: ago(5), error: { name: text('APIError') } }),
    };
    expect(stateOf(failed)).toBe('error: error 5s | APIError');
  });
});

describe('a session of opencode 2', () => {
  it('is at work while it is claimed, between its steps too', () => {
    const claimed = session({
      claimedAtMs: ago(60),
      newestAssistant: finished(20, { finish: text('tool-calls') }),
    });
    expect(stateOf(claimed)).toBe('between-steps: thinking 20s | waiting for the next step');
    expect(stateOf({ ...working([textPart(3)]), claimedAtMs: ago(60) })).toBe('step: generating 3s');
  });

  it('is over when the claim is gone, even with an open message', () => {
    expect(stateOf({ ...working([textPart(30)]), idleAtMs: ago(7) })).toBe('interrupted: idle 7s | aborted');
  });

  it('is stale if the claim outlived its service', () => {
    const claimed = { ...working([textPart(50)]), claimedAtMs: ago(60) };
    expect(stateOf(claimed, { process: undefined })).toBe('left: stale 50s');
    expect(stateOf(claimed, { process: process({ startedAtMs: ago(20) }) })).toBe('left: stale 50s');
  });
});

describe('a session with nothing in it', () => {
  const { lastPrompt: _p, newestUser: _u, newestAssistant: _a, ...bare } = session();

  it('is new without messages, and idle if they were not read', () => {
    expect(stateOf({ ...bare, messageCount: 0 })).toBe('new: new 300s');
    const { messageCount: _, ...unread } = bare;
    expect(stateOf(unread)).toBe('not-read: idle 30s');
  });

  it('has no beginning if the data has none or a future one', () => {
    const undated = assistant({ parts: [] });
    const { createdAtMs: _c, updatedAtMs: _up, ...timeless } = undated;
    expect(stateOf({ ...bare, newestAssistant: timeless })).toBe(
      'step: thinking - | waiting for the first token',
    );
    const ahead = session({ newestAssistant: finished(-3600) });
    expect(stateOf(ahead)).toBe('idle: idle -');
  });
});

describe('a process without a session', () => {
  it('is new, or idle if it is a server or a viewer', () => {
    expect(describeState(processState(process(), false))).toBe('no-session: new 600s');
    expect(describeState(processState(process({ kind: 'serve' }), false))).toBe(
      'server-or-viewer: idle 600s',
    );
    expect(describeState(processState(process({ kind: 'attach' }), true))).toBe(
      'server-or-viewer: idle 600s',
    );
  });
});

describe('the table of rules', () => {
  it('names each rule once, with a text and a source', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    for (const { says, source } of rules) {
      expect(says.length).toBeGreaterThan(15);
      expect(source).toMatch(/^opencode(-2)?\.md, "/);
    }
  });
});

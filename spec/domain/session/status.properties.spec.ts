import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogFacts } from '../../../lib/domain/evidence/log-facts.ts';
import type { ReportedStatus } from '../../../lib/domain/session/reported-status.ts';
import type { StateEvidence } from '../../../lib/domain/session/rules/state-evidence.ts';
import type {
  AssistantMessage,
  Part,
  Session,
  ToolCall,
  UserMessage,
} from '../../../lib/domain/session/session.ts';
import { stateNames } from '../../../lib/domain/session/state.ts';
import { sessionState } from '../../../lib/domain/session/status.ts';
import { sanitize } from '../../../lib/text/sanitize.ts';
import { nowMs, process } from '../../support/builders.ts';

/** Times near now, in the far past and future, and invalid times from broken rows. */
const time = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -120_000, max: 3_000 }).map((delta) => nowMs + delta) },
  { weight: 1, arbitrary: fc.constantFrom(0, -1, nowMs + 86_400_000, Number.MAX_SAFE_INTEGER, 8.64e15) },
);
const words = fc.constantFrom('', 'npm test', 'ls', 'out.txt', 'Which db?').map((raw) => sanitize(raw));
const tool = fc
  .constantFrom('bash', 'question', 'task', 'webfetch', 'edit', 'write', 'mcp_x', '', 'toString', '__proto__')
  .map((raw) => sanitize(raw));
const id = fc.constantFrom('msg_1', 'msg_2', 'msg_3', '', 'x');

function optional<T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }, required: (keyof T)[]) {
  return fc.record(model, { requiredKeys: required as never[] }) as unknown as fc.Arbitrary<T>;
}

const toolCall = optional<ToolCall>(
  {
    partId: id,
    tool,
    status: fc.constantFrom('pending', 'running', 'completed', 'error', 'unknown'),
    startedAtMs: time,
    endedAtMs: time,
    updatedAtMs: time,
    hasMetadata: fc.boolean(),
    subject: words,
    question: words,
  },
  ['partId', 'tool', 'status', 'hasMetadata'],
);
const part: fc.Arbitrary<Part> = fc.oneof(
  toolCall.map((call): Part => ({ kind: 'tool', call })),
  optional<Extract<Part, { kind: 'text' | 'reasoning' }>>(
    {
      kind: fc.constantFrom('text', 'reasoning'),
      startedAtMs: time,
      endedAtMs: time,
      updatedAtMs: time,
      hasText: fc.boolean(),
    },
    ['kind', 'hasText'],
  ),
  fc.constantFrom<Part>(
    { kind: 'step-start' },
    { kind: 'step-finish' },
    { kind: 'compaction' },
    { kind: 'other' },
  ),
);
const userMessage = optional<UserMessage>(
  { id, createdAtMs: time, kind: fc.constantFrom('prompt', 'compaction', 'synthetic') },
  ['id', 'kind'],
);
const assistantMessage = optional<AssistantMessage>(
  {
    id,
    createdAtMs: time,
    completedAtMs: time,
    updatedAtMs: time,
    finish: fc
      .constantFrom('stop', 'length', 'tool-calls', 'unknown', 'error', '?')
      .map((raw) => sanitize(raw)),
    error: fc.constantFrom('MessageAbortedError', 'APIError', '').map((raw) => ({ name: sanitize(raw) })),
    isSummary: fc.boolean(),
    parts: fc.array(part, { maxLength: 4 }),
  },
  ['id', 'isSummary', 'parts'],
);
const session = optional<Session>(
  {
    id: fc.constant('ses_a'),
    databasePath: fc.constant('/db'),
    parentId: fc.constant('ses_root'),
    version: fc.constantFrom('1.2.27', '1.14.41', '1.18.33', '2.0.3', '', 'x').map((raw) => sanitize(raw)),
    createdAtMs: time,
    updatedAtMs: time,
    activeAtMs: time,
    interactive: fc.boolean(),
    reverted: fc.boolean(),
    messageCount: fc.nat(3),
    newestUser: userMessage,
    newestAssistant: assistantMessage,
    claimedAtMs: time,
    idleAtMs: time,
  },
  ['id', 'databasePath', 'interactive', 'reverted'],
);
const log: fc.Arbitrary<LogFacts> = fc.record({
  pid: fc.constant(2878),
  run: fc.constant('4d501bd1'),
  exact: fc.boolean(),
  sessions: fc.constant([]),
  asks: fc.array(
    fc.record({
      id: fc.constantFrom('per_1', ''),
      kind: fc.constantFrom('permission', 'question'),
      permission: tool,
      patterns: fc.array(words, { maxLength: 2 }),
      atMs: time,
    }),
    { maxLength: 3 },
  ),
  streams: fc.array(
    fc.record({ sessionId: fc.constant('ses_a'), atMs: time, attempts: fc.nat(4), errorAtMs: time }),
    { maxLength: 2 },
  ),
  loopEndedAtMs: time.map((atMs) => new Map([['ses_a', atMs]])),
});
const reported: fc.Arbitrary<ReportedStatus> = fc.record({
  source: fc.constantFrom('marker', 'server'),
  sessionId: fc.constant('ses_a'),
  atMs: time,
  activity: fc.constantFrom({ kind: 'busy' }, { kind: 'idle' }, { kind: 'retry', attempt: 1 }),
  asks: fc.array(
    fc.record({
      id: fc.constant('per_1'),
      kind: fc.constantFrom('permission', 'question'),
      patterns: fc.array(words),
    }),
    { maxLength: 2 },
  ),
});
const runner = time.map((startedAtMs) => process({ startedAtMs }));

const evidence: fc.Arbitrary<StateEvidence> = fc.record({
  session,
  process: fc.option(runner, { nil: undefined }),
  log: fc.option(log, { nil: undefined }),
  reported: fc.option(reported, { nil: undefined }),
  viewedAtMs: fc.option(time, { nil: undefined }),
  nowMs: fc.constant(nowMs),
});

/** The possible states of a session without a live process; all others are work or a wait for the user. */
const atRest = new Set(['idle', 'stale', 'new', 'error', 'truncated']);
const runs = { numRuns: 2_000 };

describe('the state of any session', () => {
  it('is one of the states, from a named rule, and never throws', () => {
    fc.assert(
      fc.property(evidence, (any) => {
        const state = sessionState(any);
        expect(stateNames).toContain(state.name);
        expect(state.rule).not.toBe('');
        expect(state.askingFor !== undefined).toBe(state.name === 'asking');
        expect(state.unread && state.name !== 'idle').toBe(false);
      }),
      runs,
    );
  });

  it('is never work, and needs nobody, without a live process', () => {
    fc.assert(
      fc.property(evidence, (any) => {
        const state = sessionState({ ...any, process: undefined });
        expect(atRest).toContain(state.name);
        expect(state.needsYou).toBe(false);
      }),
      runs,
    );
  });

  it('never begins in the future or at a time that is not in the data', () => {
    fc.assert(
      fc.property(evidence, (any) => {
        const { sinceMs } = sessionState(any);
        if (sinceMs === undefined) return;
        expect(sinceMs).toBeLessThanOrEqual(nowMs);
        // A time slightly in the future, from another clock, counts as now.
        expect(sinceMs === nowMs || numbersIn(any).has(sinceMs)).toBe(true);
      }),
      runs,
    );
  });

  it('depends only on the evidence: a second call gives the same state', () => {
    const twice = fc.property(evidence, (any) => {
      expect(sessionState(any)).toEqual(sessionState(any));
    });
    fc.assert(twice, { numRuns: 300 });
  });
});

/** Every number anywhere in a value. */
function numbersIn(value: unknown, found = new Set<number>()): Set<number> {
  if (typeof value === 'number') found.add(value);
  else if (value instanceof Map) for (const one of value.values()) numbersIn(one, found);
  else if (typeof value === 'object' && value !== null)
    for (const one of Object.values(value)) numbersIn(one, found);
  return found;
}

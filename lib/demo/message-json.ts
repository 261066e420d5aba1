import type { ProcessKind } from '../domain/process/process.ts';
import type { TokenCount } from '../domain/session/session.ts';
import { tokenSum } from '../domain/session/token-sums.ts';
import type { Json } from './fleet-event.ts';
import type { DemoModel } from './models.ts';

/** Who writes a message, and where. */
interface Author {
  readonly agent: string;
  readonly directory: string;
  readonly model: DemoModel;
}

/** A person's message. */
export function userJson({ agent, model: { providerID, modelID } }: Author, nowMs: number): Json {
  return {
    role: 'user',
    time: { created: nowMs },
    agent,
    model: { providerID, modelID },
    summary: { diffs: [] },
  };
}

/** An assistant's message as it begins. */
export function assistantJson({ agent, directory, model }: Author, parentID: string, nowMs: number): Json {
  return {
    parentID,
    role: 'assistant',
    mode: agent,
    agent,
    path: { cwd: directory, root: directory },
    cost: 0,
    tokens: tokensJson({ input: 0, output: 0, reasoning: 0, cacheRead: 0, cacheWrite: 0 }),
    modelID: model.modelID,
    providerID: model.providerID,
    time: { created: nowMs },
    ...(agent === 'compaction' ? { summary: true } : {}),
  };
}

/** The tokens of a message or of a finished step. */
export function tokensJson(tokens: TokenCount): Json {
  const { input, output, reasoning, cacheRead, cacheWrite } = tokens;
  return { total: tokenSum(tokens), input, output, reasoning, cache: { write: cacheWrite, read: cacheRead } };
}

const runRules = ['question', 'plan_enter', 'plan_exit'].map(deny);

/** `session.permission`: none for a TUI's; `run` denies questions, and a subagent may not start another. */
export function permissionRules(kind: ProcessKind, isSubagent: boolean): string | undefined {
  const rules = [...(kind === 'run' ? runRules : []), ...(isSubagent ? [deny('task')] : [])];
  return rules.length === 0 ? undefined : JSON.stringify(rules);
}

function deny(permission: string) {
  return { permission, pattern: '*', action: 'deny' };
}

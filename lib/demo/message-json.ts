import type { ProcessKind } from '../domain/process/process.ts';
import type { TokenCount } from '../domain/session/session.ts';
import { tokenSum } from '../domain/session/tokens.ts';
import type { Json } from './fleet-event.ts';
import type { DemoModel } from './models.ts';
import type { Random } from './random.ts';

/** The agent, directory and model of a message. */
interface Author {
  readonly agent: string;
  readonly directory: string;
  readonly model: DemoModel;
}

/** Returns the JSON of a user message. */
export function userJson({ agent, model: { providerID, modelID } }: Author, nowMs: number): Json {
  return {
    role: 'user',
    time: { created: nowMs },
    agent,
    model: { providerID, modelID },
    summary: { diffs: [] },
  };
}

/** Returns the JSON of a new assistant message. */
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

/** Returns the tokens of a message or of a finished step, as JSON. */
export function tokensJson(tokens: TokenCount): Json {
  const { input, output, reasoning, cacheRead, cacheWrite } = tokens;
  return { total: tokenSum(tokens), input, output, reasoning, cache: { write: cacheWrite, read: cacheRead } };
}

const runRules = ['question', 'plan_enter', 'plan_exit'].map(deny);

/**
 * Returns the JSON of `session.permission`, or undefined for a TUI's session: `run` denies questions, and a subagent
 * may not start another one.
 */
export function permissionRules(kind: ProcessKind, isSubagent: boolean): string | undefined {
  const rules = [...(kind === 'run' ? runRules : []), ...(isSubagent ? [deny('task')] : [])];
  return rules.length === 0 ? undefined : JSON.stringify(rules);
}

function deny(permission: string) {
  return { permission, pattern: '*', action: 'deny' };
}

/** Returns the tokens of one step that begins with `contextTokens` in the window, and those in the window afterwards. */
export function stepTokens(
  random: Random,
  model: DemoModel,
  contextTokens: number,
): { readonly tokens: TokenCount; readonly contextTokens: number } {
  const freeTokens = Math.max(200, model.contextTokens - contextTokens - 1000);
  const added = Math.min(random.between(500, 3600), freeTokens);
  const output = random.between(90, 900);
  const reasoning = model.providerID === 'openai' ? random.between(0, 700) : 0;
  const writesCache = (model.price?.cacheWrite ?? 0) > 0;
  const tokens = {
    input: writesCache ? random.between(3, 12) : added,
    output,
    reasoning,
    cacheRead: contextTokens,
    cacheWrite: writesCache ? added : 0,
  };
  return { tokens, contextTokens: contextTokens + added + output };
}

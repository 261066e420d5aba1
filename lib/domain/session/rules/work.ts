import { sanitize } from '../../../text/sanitize.ts';
import type { AssistantMessage, Part, ToolCall } from '../session.ts';
import { openCalls } from './asks.ts';
import type { Verdict } from './state-evidence.ts';

const firstToken = sanitize('waiting for the first token');
const nextStep = sanitize('waiting for the next step');

/**
 * The work of an unfinished step, by its parts: open tool calls first, then the newest part (opencode.md, "Work inside a
 * step").
 */
export function workOf(step: AssistantMessage): Verdict {
  const calls = openCalls(step);
  const call = calls.find(({ status }) => status === 'running') ?? calls[0];
  if (call !== undefined) return toolUse(call, calls.length - 1, step);
  const newest = step.parts.findLast(isWork);
  if (newest?.kind === 'text') {
    return { name: 'generating', sinceMs: newest.startedAtMs ?? newest.updatedAtMs ?? step.createdAtMs };
  }
  if (newest?.kind === 'reasoning' && newest.endedAtMs === undefined) {
    const sinceMs = newest.startedAtMs ?? newest.updatedAtMs ?? step.createdAtMs;
    return { name: 'thinking', detail: sanitize('reasoning'), sinceMs };
  }
  if (newest?.kind === 'reasoning')
    return { name: 'thinking', detail: firstToken, sinceMs: newest.endedAtMs };
  if (newest?.kind === 'tool') {
    const sinceMs = newest.call.endedAtMs ?? newest.call.updatedAtMs ?? step.createdAtMs;
    return { name: 'thinking', detail: nextStep, sinceMs };
  }
  return { name: 'thinking', detail: firstToken, sinceMs: step.createdAtMs ?? step.updatedAtMs };
}

/** The verdict after a step that ended with tool calls: the next step is due. */
export function betweenSteps(step: AssistantMessage): Verdict {
  return { name: 'thinking', detail: nextStep, sinceMs: step.completedAtMs };
}

/** The verdict for a prompt before its first step. */
export function firstStep(sinceMs: number | undefined): Verdict {
  return { name: 'thinking', detail: firstToken, sinceMs };
}

/** The text for a queued prompt: the tool and its subject, or the name of the work. */
export function behind(work: Verdict): Verdict['detail'] {
  return sanitize(
    `behind ${[work.tool ?? work.name, work.detail].filter((one) => one !== undefined).join(': ')}`,
  );
}

function toolUse(call: ToolCall, others: number, step: AssistantMessage): Verdict {
  const sinceMs = call.startedAtMs ?? call.updatedAtMs ?? step.createdAtMs;
  const subject = call.subject ?? '';
  const detail = others === 0 ? call.subject : sanitize(`${subject} (+${others} more)`);
  return { name: 'tool use', tool: call.tool, detail, sinceMs };
}

function isWork(part: Part): part is Extract<Part, { kind: 'text' | 'reasoning' | 'tool' }> {
  return part.kind === 'text' || part.kind === 'reasoning' || part.kind === 'tool';
}

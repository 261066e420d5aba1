import type { Row } from '../domain/board.ts';
import type { HistoryMessage, TodoItem } from '../domain/session-detail.ts';
import { type DetailTab, detailTabs } from '../domain/ui-state.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';
import type { DetailContent, FrameContext } from './frame-context.ts';
import { type Line, span } from './line.ts';
import { messageLog } from './message-log.ts';
import { sessionFacts } from './session-facts.ts';

/** What was read for the open detail log; a side that was not asked for, or could not be read, is absent. */
export interface DetailReading {
  readonly messages?: readonly HistoryMessage[];
  /** Messages before those, which were not read. */
  readonly earlierCount?: number;
  readonly todos?: readonly TodoItem[];
  readonly why?: readonly DisplayText[];
}

/** The open detail log: the chosen tab's lines, and the tabs there are. */
export function detailContent(
  row: Row,
  tab: DetailTab,
  reading: DetailReading,
  context: FrameContext,
): DetailContent {
  return {
    key: row.key,
    tabs: detailTabs.map((name) => ({ name, label: sanitize(name), active: name === tab })),
    lines: linesOf(row, tab, reading, context),
    followEnd: tab === 'log',
  };
}

function linesOf(row: Row, tab: DetailTab, reading: DetailReading, context: FrameContext): readonly Line[] {
  switch (tab) {
    case 'log':
      return logLines(reading, context);
    case 'facts':
      return sessionFacts(row, context);
    case 'todos':
      return todoLines(reading.todos ?? [], context);
    case 'why':
      return (reading.why ?? [sanitize('nothing to explain here')]).map((text) => ({ spans: [span(text)] }));
    default:
      return tab satisfies never;
  }
}

const muted = (text: string): Line => ({ spans: [span(text, 'muted')] });

function logLines({ messages, earlierCount = 0 }: DetailReading, context: FrameContext): Line[] {
  if (messages === undefined) return [muted('no messages can be read now')];
  if (messages.length === 0) return [muted('no messages yet')];
  const earlier = earlierCount > 0 ? [muted(`${earlierCount} earlier messages`)] : [];
  return [...earlier, ...messageLog(messages, context)];
}

function todoLines(todos: readonly TodoItem[], { glyphs }: FrameContext): Line[] {
  if (todos.length === 0) return [muted('no todos')];
  return todos.map(({ status, content, priority }) => {
    const isDone = status === 'completed' || status === 'cancelled';
    const sign = isDone ? glyphs.done : status === 'in_progress' ? glyphs.working : glyphs.idle;
    const style = isDone ? 'muted' : status === 'in_progress' ? 'working' : 'plain';
    const tail = priority === undefined || isDone ? '' : `  (${priority})`;
    return { spans: [span(`${sign} `, style), span(`${content}${tail}`, style)] };
  });
}

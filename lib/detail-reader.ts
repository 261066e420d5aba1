import type { Row } from './domain/board.ts';
import type { DetailTab } from './domain/ui-state.ts';
import { type WhyInput, whyProcess, whySession } from './domain/why.ts';
import type { SessionDetails } from './sources/session-detail.ts';
import type { DetailReading } from './view/detail-content.ts';

/** The newest messages that the log shows: reading and wrapping stay within a frame's time, however long a session is. */
const shownMessages = 100;

/**
 * Reads what a tab of the open detail log shows, once for each change of the session: a frame that is drawn again
 * reads nothing.
 */
export function detailReader(details: SessionDetails, evidence: () => WhyInput) {
  let known: { readonly key: string; readonly reading: DetailReading } | undefined;
  return (row: Row, tab: DetailTab): DetailReading => {
    const { session } = row;
    const version = `${session?.activeAtMs} ${session?.messageCount} ${session?.todos?.done}`;
    const key = `${row.key} ${tab} ${version} ${tab === 'why' ? evidence().nowMs : ''}`;
    if (known?.key !== key) known = { key, reading: read(row, tab, details, evidence) };
    return known.reading;
  };
}

function read(row: Row, tab: DetailTab, details: SessionDetails, evidence: () => WhyInput): DetailReading {
  const { session, process } = row;
  if (tab === 'why') {
    if (process) return { why: whyProcess(process, evidence()) };
    return session ? { why: whySession(session, evidence()) } : {};
  }
  const detail = session && tab !== 'facts' ? details.open(session) : undefined;
  if (!session || !detail) return {};
  if (tab === 'todos') return { todos: detail.todos };
  const earlierCount = Math.max(0, detail.messageCount - shownMessages);
  return { earlierCount, messages: details.messages(session, earlierCount, shownMessages) };
}

import type { Session } from './session.ts';

/** What its messages tell of a session. */
type Told = Pick<Session, 'newestAssistant' | 'contextModel'>;

/** The model and the agent that answered last, for a session whose own record names neither, as before 1.14.34. */
export function answeredBy({ newestAssistant, contextModel }: Told): Pick<Session, 'model' | 'agent'> {
  const model = newestAssistant?.model ?? contextModel;
  // What sums a conversation up is not the agent that goes on with it.
  const agent = newestAssistant?.isSummary === false ? newestAssistant.agent : undefined;
  return { ...(model !== undefined && { model }), ...(agent !== undefined && { agent }) };
}

import type { MachineFigures } from '../../domain/board/board.ts';
import { asNumber, asObject, type JsonObject, present } from '../json.ts';
import { minutesOf, tokensOf } from './row-of-entry.ts';

/** The sums of another machine as far as a line tells them anew, beside those that were told before. */
export function toldFigures(line: JsonObject, before: MachineFigures): MachineFigures {
  const today = asObject(line.today);
  const sessionCount = asNumber(today?.session_count);
  const tokens = tokensOf(today?.tokens);
  const messageCount = asNumber(today?.message_count) ?? 0;
  const cost = asNumber(today?.cost);
  return present({
    today:
      sessionCount === undefined || tokens === undefined
        ? before.today
        : present({ sessionCount, messageCount, tokens, cost }),
    tokensPerMinute: minutesOf(line.tokens_per_minute) ?? before.tokensPerMinute,
  });
}

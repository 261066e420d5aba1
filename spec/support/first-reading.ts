import type { ReportReading, ReportSource } from '../../lib/domain/board/readings.ts';
import type { OpencodeProcess } from '../../lib/domain/process/process.ts';
import { within } from './wait.ts';

/** Resolves with the first reading of these processes that passes `test`. */
export function firstReading(
  source: ReportSource,
  processes: readonly OpencodeProcess[],
  test: (now: ReportReading) => boolean,
): Promise<ReportReading> {
  const found = new Promise<ReportReading>((resolve) => {
    const refresh = () => {
      const now = source.refresh(processes, Date.now());
      if (test(now)) resolve(now);
    };
    source.listen(refresh);
    refresh();
  });
  return within('such a reading', found);
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ActOutcome } from '../domain/session/acts.ts';
import type { Context } from '../system/context.ts';
import { stateFolder } from '../system/folders.ts';
import { type Journal, openJournal } from '../system/logger.ts';

/** What a person answered by otop, kept for them alone: who allowed a command is asked later. */
export interface AnswerRecord {
  note(outcome: ActOutcome): void;
}

/**
 * Writes to `answers.log` in otop's state folder, in the form of otop's own log, which holds nothing of what is asked and
 * so only notes that it was. The file is opened at the first answer; one that cannot be is told of in otop's log.
 */
export function answerRecord({ env, homeDir, clock, journal }: Context): AnswerRecord {
  let file: Journal | undefined;
  return {
    note({ done, text }) {
      journal?.note(done ? 'info' : 'warn', 'answer', { done });
      try {
        const folder = stateFolder(env, homeDir);
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        file ??= openJournal({ path: join(folder, 'answers.log'), level: 'info', nowMs: clock.nowMs });
        file.note(done ? 'info' : 'warn', text);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        journal?.note('warn', 'answers.log cannot be written', { why });
      }
    },
  };
}

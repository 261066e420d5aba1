import type { Session } from './session.ts';

/** True for a session that is in no database of this machine: another host has it, and runs it. */
export function isElsewhere({ databasePath }: Session): boolean {
  return databasePath === '';
}

import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import type { Attempt } from './proc.ts';

/** What could not be read of a process, in one sentence a person can act on; empty where all could. */
export function missingTexts(
  attempts: Readonly<Record<string, Attempt<unknown> | { readonly kind: 'unasked' }>>,
  ownerOf: () => number | undefined,
  ownId: number | undefined,
): readonly DisplayText[] {
  const denied = Object.entries(attempts).flatMap(([what, tried]) =>
    tried.kind === 'denied' ? [{ what, code: tried.code }] : [],
  );
  const [first] = denied;
  if (!first) return [];
  const things = denied.map(({ what }) => what).join(', ');
  const ownerId = ownerOf();
  const foreign = ownerId !== undefined && ownId !== undefined && ownerId !== ownId;
  const reason = foreign ? `the process belongs to user ${ownerId}` : `the system says ${first.code}`;
  return [sanitize(`not readable: ${things} (${reason})`)];
}

import { maskOutside } from '../../text/mask.ts';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';

/** The names of opencode's own agents and tools. Any other name may be private. */
export const knownNames: ReadonlySet<string> = new Set([
  ...['build', 'plan', 'general', 'explore', 'title', 'summary', 'compaction'],
  ...[
    'bash',
    'edit',
    'write',
    'read',
    'grep',
    'glob',
    'list',
    'patch',
    'apply_patch',
    'task',
    'question',
    'skill',
  ],
  ...[
    'todowrite',
    'todoread',
    'webfetch',
    'websearch',
    'codesearch',
    'external_directory',
    'doom_loop',
    'lsp',
  ],
]);
const sessionIdForm = /^ses_[0-9A-Za-z]{10,40}$/;
/** Matches unquoted names in the sentences of the evidence: arguments, logs, sessions. */
const namedThing = /(-s|log|names) (\S+)/g;
/** Matches a session, a run of the shared log, a log named after its time, or the next word of the sentence itself. */
const harmlessName =
  /^(ses_[0-9A-Za-z]{10,40}|[0-9a-f]{8}|[\d-]+T\d+(\.log)?|names|the|is|was|of|says|said|tells|cannot),?$/;

/** Replaces private texts by stand-ins such as `title 2`. The same text gets the same stand-in. */
export class StandIns {
  readonly #made = new Map<string, DisplayText>();
  readonly #counts = new Map<string, number>();

  /** Returns the stand-in of a text; `kind` is its first word. */
  of(kind: string, text: string): DisplayText {
    const key = `${kind} ${text}`;
    const existing = this.#made.get(key);
    if (existing !== undefined) return existing;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const standIn = sanitize(`${kind} ${count}`);
    this.#made.set(key, standIn);
    return standIn;
  }

  /** Returns a session's id unchanged, because it reveals nothing, and a stand-in for any other text. */
  ofId(id: string): string {
    return sessionIdForm.test(id) ? id : this.of('session', id);
  }

  /** Returns a sentence of otop without the private texts that were put into it. */
  ofSentence(text: string): DisplayText {
    const named = text.replace(namedThing, (all, word: string, name: string) =>
      harmlessName.test(name) ? all : `${word} ${this.of('name', name)}`,
    );
    return sanitize(maskOutside(named));
  }
}

import manifest from '../../package.json' with { type: 'json' };

/** How this otop was made. */
export interface Build {
  readonly isRelease: boolean;
  /** Short id of the commit, with `, changed` if files differ from it; empty if it is not known. */
  readonly commit: string;
}

/** The bundler replaces it by the build; the sources, as specs run them, have none. */
declare const OTOP_BUILD: Build | undefined;

/** This program's build. */
const current = typeof OTOP_BUILD === 'undefined' ? undefined : OTOP_BUILD;

/**
 * Returns what `otop --version` says: the version, and in brackets the commit, after `development build` if it is no
 * release: `0.1.0 (12ab34cd5)`, `0.1.0 (development build, 12ab34cd5, changed)`. Scripts find the version as first word.
 */
export function versionText(build: Build | undefined = current): string {
  const kind = build?.isRelease ? [] : ['development build'];
  const notes = [...kind, ...(build?.commit ? [build.commit] : [])];
  return notes.length === 0 ? manifest.version : `${manifest.version} (${notes.join(', ')})`;
}

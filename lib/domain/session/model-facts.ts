import type { ModelRef } from './session.ts';

/** US dollars for a million tokens. */
export interface ModelPrice {
  readonly input?: number;
  readonly output?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
}

/** What opencode's models cache and its config say of one model; both may be silent. */
export interface ModelFacts {
  readonly contextLimitTokens?: number;
  readonly price?: ModelPrice;
}

/** Finds a model's facts; a project's own config may override them, hence the session's directory. */
export type ModelLookup = (model: ModelRef, directoryPath?: string) => ModelFacts | undefined;

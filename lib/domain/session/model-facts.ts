import type { ModelRef } from './session.ts';

/** US dollars per million tokens. */
export interface ModelPrice {
  readonly input?: number;
  readonly output?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
}

/** The facts of one model from opencode's models cache and configuration; a field is absent if neither has it. */
export interface ModelFacts {
  readonly contextLimitTokens?: number;
  readonly price?: ModelPrice;
}

/** Finds a model's facts. Needs the session's directory, since a project's configuration can override them. */
export type ModelLookup = (model: ModelRef, directoryPath?: string) => ModelFacts | undefined;

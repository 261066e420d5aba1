/** The environment variables of the process; specs replace them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Determines the places of the user's files, both opencode's and otop's. */
export interface Surroundings {
  readonly env: Environment;
  readonly homeDir: string;
}

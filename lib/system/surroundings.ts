/** The environment variables that a program was started with; specs give others. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What decides where a person's files are, opencode's as well as otop's. */
export interface Surroundings {
  readonly env: Environment;
  readonly homeDir: string;
}

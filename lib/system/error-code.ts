/** What the system calls a failure, as `ENOENT`; undefined for errors that are none of its own. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

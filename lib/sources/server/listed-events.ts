/** What opencode's SDK takes for a stream, beside what the call itself needs. */
interface StreamOptions {
  readonly onSseError: (error: unknown) => void;
  readonly sseMaxRetryAttempts: number;
}

/**
 * The events of one connection. The SDK connects again by itself, without jitter and without a word, and what happened
 * meanwhile is lost: here a stream that breaks throws, so that the caller looks at everything anew.
 */
export async function* listedEvents(
  open: (options: StreamOptions) => Promise<{ readonly stream: AsyncIterable<unknown> }>,
): AsyncGenerator<unknown> {
  let failure: { readonly error: unknown } | undefined;
  const onSseError = (error: unknown) => {
    failure = { error };
  };
  const { stream } = await open({ onSseError, sseMaxRetryAttempts: 1 });
  yield* stream;
  if (failure !== undefined) throw failure.error;
}

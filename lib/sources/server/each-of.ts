/** So many questions at once do not trouble a server, and spare a distant one's time on the way. */
const together = 4;

/** Does something with each item, a few at a time; rejects with the first failure, and begins no more then. */
export async function eachOf<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const work = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) {
      await act(item).catch((error: unknown) => {
        rest.length = 0;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: together }, work));
}

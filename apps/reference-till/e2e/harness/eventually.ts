/**
 * Waiting for what other processes do: by asking again, up to a limit.
 *
 * @module
 */

/** The first answer that is not undefined. What `look` threw last is in the error at the end. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined>,
  {
    withinMs = 30_000,
    everyMs = 50,
  }: { readonly withinMs?: number; readonly everyMs?: number } = {},
): Promise<T> {
  const until = performance.now() + withinMs;
  let last: unknown;
  for (;;) {
    const found = await look().catch((error: unknown) => {
      last = error;
      return undefined;
    });
    if (found !== undefined) return found;
    if (performance.now() > until) {
      throw new Error(`Not within ${withinMs} ms: ${what}.`, { cause: last });
    }
    await pause(everyMs);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

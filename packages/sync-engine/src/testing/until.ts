/**
 * Waiting in tests for what sockets and files bring. SPEC.md §8.
 *
 * @module
 */

/** Waits until something is so; sockets have no other clock than the real one. */
export async function until(what: string, isSo: () => boolean, limitMs = 8_000): Promise<void> {
  const from = performance.now();
  while (!isSo()) {
    if (performance.now() - from > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

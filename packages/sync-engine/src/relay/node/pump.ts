/**
 * Does one thing after the other as long as there is something to do; one at a time. SPEC.md §8a (RU).
 *
 * @module
 */

export interface Pump {
  /** Again, if it is running already: something may have become due meanwhile. */
  run(step: () => Promise<boolean>): Promise<void>;
  idle(): Promise<void>;
}

export function pump(): Pump {
  let isAgain = false;
  let running: Promise<void> | undefined;
  const loop = async (step: () => Promise<boolean>): Promise<void> => {
    do {
      isAgain = false;
      while (await step()) await new Promise((resolve) => setImmediate(resolve));
    } while (isAgain);
  };
  return {
    run: (step) => {
      isAgain = true;
      running ??= loop(step).finally(() => {
        running = undefined;
      });
      return running;
    },
    idle: async () => running,
  };
}

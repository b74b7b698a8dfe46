/**
 * One call for all that happens within a moment.
 *
 * @module
 */

export interface Gathered {
  /** The call comes within the moment, once however often this is said. */
  tell(): void;
  close(): void;
}

export function gathered(withinMs: number, call: () => void): Gathered {
  let timer: NodeJS.Timeout | undefined;
  return {
    tell: () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        call();
      }, withinMs);
    },
    close: () => clearTimeout(timer),
  };
}

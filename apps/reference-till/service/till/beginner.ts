/**
 * Begins ledgers with their carries, one after the other, beside everything else.
 *
 * @module
 */

import type { Projection } from "../projection/projection.ts";

export interface Beginner {
  /** Begins with the next carry, if there is one and none is read now. */
  look(): void;
  /** A ledger is begun, or what follows its carry is not read yet: stock is not what it will be in a moment. */
  isBusy(): boolean;
  close(): void;
}

export interface BeginnerHooks {
  /** One is begun, or should be tried again. */
  readonly onBegun: () => void;
  readonly onFailed: (error: unknown) => void;
}

type Begun = Pick<Projection<unknown>, "nextCarry" | "begin" | "isBehind">;

export function createBeginner(projection: Begun, { onBegun, onFailed }: BeginnerHooks): Beginner {
  let state: "reading" | "following" | undefined;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  const goOn = (isBegun: boolean) => {
    if (isClosed) return;
    timer = setTimeout(
      () => {
        state = "following";
        onBegun();
      },
      isBegun ? 0 : retryMs,
    );
  };
  return {
    look: () => {
      if (state === "following" && !projection.isBehind("any")) state = undefined;
      const next = state === "reading" ? undefined : projection.nextCarry();
      if (next === undefined) return;
      state = "reading";
      projection.begin(next).then(goOn, (error: unknown) => {
        if (isClosed) return;
        onFailed(error);
        goOn(true);
      });
    },
    isBusy: () =>
      state === "reading" ||
      (state === "following" && projection.isBehind("any")) ||
      projection.nextCarry() !== undefined,
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/** The disk did not give a carry. */
const retryMs = 5_000;

/**
 * Which page is shown, by the path of the address.
 *
 * @module
 */

import { createStore, useStore, type Store } from "./store.ts";

const path: Store<string, string> = createStore(
  (_: string, next: string) => next,
  globalThis.location?.pathname ?? "/",
);

/** Browser back and forward included. */
export function followAddress(): void {
  window.addEventListener("popstate", () => path.dispatch(location.pathname));
}

export function usePath(): string {
  return useStore(path);
}

export function goTo(next: string): void {
  if (location.pathname !== next) history.pushState(null, "", next);
  path.dispatch(next);
}

/**
 * One piece of state with one place where it changes, and a hook to watch it.
 *
 * @module
 */

import { useLayoutEffect, useState } from "preact/hooks";

export interface Store<State, Action> {
  get(): State;
  dispatch(action: Action): void;
  subscribe(listener: () => void): () => void;
}

export function createStore<State, Action>(
  step: (state: State, action: Action) => State,
  initial: State,
): Store<State, Action> {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    dispatch: (action) => {
      const next = step(state, action);
      if (next === state) return;
      state = next;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<State, Action>(store: Store<State, Action>): State {
  const [state, setState] = useState(() => store.get());
  useLayoutEffect(() => {
    const update = () => setState(() => store.get());
    update();
    return store.subscribe(update);
  }, [store]);
  return state;
}

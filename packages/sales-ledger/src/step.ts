/**
 * What a fold answers to one entry.
 *
 * @module
 */

/** The next state, and what this entry raised; exceptions are not kept in the state. */
export interface Step<State, Raised> {
  readonly state: State;
  readonly raised: readonly Raised[];
}

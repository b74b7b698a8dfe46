/**
 * Outside cases as facts: where each stands, the policy it assumes, what goes in and what comes out.
 *
 * @module
 */

/** A file in `test-vectors/`. */
export interface VectorFile<V extends Vector> {
  readonly suite: string;
  readonly repository: string;
  readonly commit: string;
  /** Of the cases that name none. */
  readonly path: string;
  /** Decimals of the amounts that are given as text. */
  readonly decimals: number;
  /** What each policy that a case can name assumes. */
  readonly policies: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly cases: readonly V[];
}

export interface Vector {
  readonly id: string;
  readonly name: string;
  readonly path?: string;
  readonly line: number;
  readonly policy: string;
}

/** What a case says against what the engine says. A case passes when all of its checks are equal. */
export interface Check {
  readonly what: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** A check for what is expected; none for what the case leaves open. */
export function checkOf(what: string, expected: unknown, actual: unknown): readonly Check[] {
  return expected === undefined ? [] : [{ what, expected, actual }];
}

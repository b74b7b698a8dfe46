/**
 * The stock count this page takes part in, kept over a reload.
 *
 * @module
 */

export interface OpenCount {
  readonly countId: string;
  readonly note: string;
  /** What was counted here, newest first. */
  readonly lines: readonly CountedLine[];
}

export interface CountedLine {
  readonly name: string;
  readonly counted: string;
}

export function readCount(): OpenCount | undefined {
  try {
    const held = JSON.parse(sessionStorage.getItem(name) ?? "null") as OpenCount | null;
    return typeof held?.countId === "string" && Array.isArray(held.lines) ? held : undefined;
  } catch {
    return undefined;
  }
}

export function writeCount(count: OpenCount | undefined): void {
  if (count === undefined) sessionStorage.removeItem(name);
  else sessionStorage.setItem(name, JSON.stringify(count));
}

const name = "tillmesh/count";

/**
 * What one lane of a channel holds of the documents that are here. SPEC.md §8a (CV).
 *
 * It is what the lane's log showed, and what the relay answered `stored` for; nothing else counts, so a log that is
 * found to be another leaves nothing of it.
 *
 * @module
 */

import type { EntryNode } from "../documents/ledger-part.ts";
import type { PublicationNode } from "../documents/publication-set.ts";

export type FactNode = EntryNode | PublicationNode;

/** Mutable: owned by one lane. */
export interface Coverage {
  /** By document name: hashes of facts. */
  readonly facts: Map<string, CoveredFacts>;
  /** Hashes of sealed parts and carries, and of items as they stand. */
  readonly things: Set<string>;
  /** Those that are on their way. */
  readonly thingsUnderWay: Set<string>;
}

export interface CoveredFacts {
  readonly held: Set<string>;
  readonly underWay: Set<string>;
  /** So many nodes from the first are held: they need not be looked at again. */
  cursor: number;
}

/** What one envelope brings to a lane. */
export interface Freight {
  readonly facts: readonly { readonly document: string; readonly hashes: readonly string[] }[];
  readonly things: readonly string[];
}

export function createCoverage(): Coverage {
  return { facts: new Map(), things: new Set(), thingsUnderWay: new Set() };
}

/** The facts of a document that the lane neither holds nor is about to hold, parents first. */
export function lackingFacts<Node extends FactNode>(
  coverage: Coverage,
  document: string,
  nodes: readonly Node[],
): readonly Node[] {
  const covered = coveredOf(coverage, document);
  const { held, underWay } = covered;
  while (covered.cursor < nodes.length && held.has(nodes[covered.cursor]!.signed.hash)) {
    covered.cursor += 1;
  }
  return nodes
    .slice(covered.cursor)
    .filter(({ signed }) => !held.has(signed.hash) && !underWay.has(signed.hash));
}

export function isLackingThing({ things, thingsUnderWay }: Coverage, id: string): boolean {
  return !things.has(id) && !thingsUnderWay.has(id);
}

export function send(coverage: Coverage, { facts, things }: Freight): void {
  for (const { document, hashes } of facts) {
    const { underWay } = coveredOf(coverage, document);
    for (const hash of hashes) underWay.add(hash);
  }
  for (const id of things) coverage.thingsUnderWay.add(id);
}

/** It is in the log. */
export function cover(coverage: Coverage, freight: Freight): void {
  takeBack(coverage, freight);
  for (const { document, hashes } of freight.facts) {
    const { held } = coveredOf(coverage, document);
    for (const hash of hashes) held.add(hash);
  }
  for (const id of freight.things) coverage.things.add(id);
}

/** It did not arrive, or nobody knows. */
export function takeBack(coverage: Coverage, { facts, things }: Freight): void {
  for (const { document, hashes } of facts) {
    const { underWay } = coveredOf(coverage, document);
    for (const hash of hashes) underWay.delete(hash);
  }
  for (const id of things) coverage.thingsUnderWay.delete(id);
}

/** Somebody says that the log lacks these: they are published again. */
export function uncover(coverage: Coverage, { facts, things }: Freight): void {
  for (const { document, hashes } of facts) {
    const covered = coveredOf(coverage, document);
    covered.cursor = 0;
    for (const hash of hashes) covered.held.delete(hash);
  }
  for (const id of things) coverage.things.delete(id);
}

/** The log is another. */
export function forgetCoverage({ facts, things, thingsUnderWay }: Coverage): void {
  facts.clear();
  things.clear();
  thingsUnderWay.clear();
}

/**
 * The facts of which nothing held follows, of those that are held with all before them: enough to know them again
 * after a restart.
 */
export function headsHeld(
  coverage: Coverage,
  document: string,
  nodes: readonly FactNode[],
): readonly string[] {
  const held = coverage.facts.get(document)?.held;
  if (!held) return [];
  const whole = new Set<FactNode>();
  const followed = new Set<FactNode>();
  for (const node of nodes) {
    if (!held.has(node.signed.hash) || (node.parent && !whole.has(node.parent))) continue;
    whole.add(node);
    if (node.parent) followed.add(node.parent);
  }
  return [...whole].filter((node) => !followed.has(node)).map(({ signed }) => signed.hash);
}

/** The other way round. */
export function coverHeads(
  coverage: Coverage,
  document: string,
  { nodes, heads }: { readonly nodes: readonly FactNode[]; readonly heads: readonly string[] },
): void {
  const { held } = coveredOf(coverage, document);
  const wanted = new Set(heads);
  for (const node of nodes) {
    if (!wanted.has(node.signed.hash)) continue;
    for (
      let one: FactNode | undefined = node;
      one && !held.has(one.signed.hash);
      one = one.parent
    ) {
      held.add(one.signed.hash);
    }
  }
}

function coveredOf({ facts }: Coverage, document: string): CoveredFacts {
  const known = facts.get(document);
  if (known) return known;
  const covered: CoveredFacts = { held: new Set(), underWay: new Set(), cursor: 0 };
  facts.set(document, covered);
  return covered;
}

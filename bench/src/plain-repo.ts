/**
 * The same facts in plain automerge-repo on its own file storage: change, then flush. It does not sync.
 *
 * @module
 */

import { Counter, ImmutableString } from "@automerge/automerge";
// oxlint-disable-next-line no-restricted-imports -- this is what the engine is measured against
import { Repo, type DocHandle } from "@automerge/automerge-repo";
// oxlint-disable-next-line no-restricted-imports -- see above
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs";
import type { Movement } from "@tillmesh/kernel";

interface PlainLedger {
  readonly entries: ImmutableString[];
  readonly stock: Record<string, Record<string, Counter>>;
}

/** One entry as text, with the movements that go with it. */
export interface PlainEntry {
  readonly text: string;
  readonly movements: readonly Movement[];
}

export interface PlainRepo {
  /** Milliseconds until `flush` has written the change. */
  commit(entry: PlainEntry): Promise<number>;
  end(): Promise<void>;
}

/** Holds `before` already; counters stand in 64 sub-maps as in the engine's documents. */
export async function openPlainRepo(
  directory: string,
  before: readonly PlainEntry[],
): Promise<PlainRepo> {
  const repo = new Repo({ storage: new NodeFSStorageAdapter(directory) });
  const stock = Object.fromEntries(
    Array.from({ length: bucketCount }, (_, index) => [String(index), {}]),
  );
  const handle = repo.create<PlainLedger>({ entries: [], stock });
  for (const entry of before) append(handle, entry);
  await repo.flush([handle.documentId]);
  return {
    commit: async (entry) => {
      const startMs = performance.now();
      append(handle, entry);
      await repo.flush([handle.documentId]);
      return performance.now() - startMs;
    },
    end: () => repo.shutdown(),
  };
}

const bucketCount = 64;

function append(handle: DocHandle<PlainLedger>, { text, movements }: PlainEntry): void {
  handle.change((ledger) => {
    ledger.entries.push(new ImmutableString(text));
    for (const { location, sku, quantityMilli } of movements) {
      const key = `${location}/${sku}`;
      const bucket = ledger.stock[String(bucketOf(key))] ?? {};
      const counter = bucket[key];
      if (counter) counter.increment(quantityMilli);
      else bucket[key] = new Counter(quantityMilli);
    }
  });
}

function bucketOf(key: string): number {
  let sum = 0;
  for (const character of key) sum = (sum * 31 + character.charCodeAt(0)) % 65_521;
  return sum % bucketCount;
}

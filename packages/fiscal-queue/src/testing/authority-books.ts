/**
 * What an authority keeps: one record per id for ever, and which record followed which. SPEC.md §6 (FDE).
 *
 * @module
 */

/** A record as the authority tells it from others. */
export interface AuthorityRecord {
  /** Issuer, number and date; a UUID: what makes two records the same. */
  readonly id: string;
  readonly hash: string;
  /** The chain it says it is of. */
  readonly chain: string;
  /** The hash it says it follows, "" for the first; absent where the regime sends none. */
  readonly previous?: string;
}

export interface KeptRecord extends AuthorityRecord {
  readonly receiptId: string;
  readonly atMs: number;
}

export type RecordFate =
  | { readonly type: "accepted"; readonly record: AuthorityRecord; readonly kept: KeptRecord }
  /** The id was there; `kept.hash` may be another. */
  | { readonly type: "duplicate"; readonly record: AuthorityRecord; readonly kept: KeptRecord }
  /** Another record follows the same one: `rival` is its hash. */
  | { readonly type: "fork"; readonly record: AuthorityRecord; readonly rival: string }
  | {
      readonly type: "rejected";
      readonly record: AuthorityRecord;
      readonly code: string;
      readonly detail: string;
    };

export interface AuthorityBooks {
  judge(record: AuthorityRecord, atMs: number): RecordFate;
  /** Known from now on as a link of its chain, and not accepted. */
  reject(
    record: AuthorityRecord,
    reason: { readonly code: string; readonly detail: string },
  ): RecordFate;
  find(id: string): KeptRecord | undefined;
  /** In the order they were accepted. */
  accepted(): readonly KeptRecord[];
  forks(): readonly { readonly hash: string; readonly rival: string }[];
}

/** Forks are refused: whoever comes second on a place of the chain is not accepted. */
export function createAuthorityBooks(): AuthorityBooks {
  const kept = new Map<string, KeptRecord>();
  const places = new Map<string, string>();
  const forks: { readonly hash: string; readonly rival: string }[] = [];
  return {
    judge: (record, atMs) => {
      const known = kept.get(record.id);
      if (known !== undefined) return { type: "duplicate", record, kept: known };
      const rival = takePlace(places, record);
      if (rival !== undefined) {
        forks.push({ hash: record.hash, rival });
        return { type: "fork", record, rival };
      }
      const stored = { ...record, receiptId: `R${kept.size + 1}`, atMs };
      kept.set(record.id, stored);
      return { type: "accepted", record, kept: stored };
    },
    reject: (record, reason) => {
      takePlace(places, record);
      return { type: "rejected", record, ...reason };
    },
    find: (id) => kept.get(id),
    accepted: () => [...kept.values()],
    forks: () => forks,
  };
}

/** The hash that stands there already, if it is another. */
function takePlace(places: Map<string, string>, record: AuthorityRecord): string | undefined {
  if (record.previous === undefined) return undefined;
  const place = `${record.chain}\n${record.previous}`;
  const holder = places.get(place) ?? record.hash;
  places.set(place, holder);
  return holder === record.hash ? undefined : holder;
}

/**
 * Log that a relay need not keep: what it says is history, and history is in the log too. SPEC.md §8a (RL).
 *
 * Only HQ says so, and only of what it has had for a week: envelopes whose entries all stand in sealed parts that the
 * history lane holds, or were published again since. Whoever comes later finds them there.
 *
 * @module
 */

/** Mutable: owned by one lane. Oldest first. */
export type ReleaseBook = ReleaseMark[];

/** Envelopes that were read within one hour. */
export interface ReleaseMark {
  /** The offset behind the last of them. */
  through: number;
  readonly atMs: number;
  /** Names of the ledger documents whose entries they bring. */
  readonly documents: Set<string>;
}

/** An envelope was taken. */
export function noteTaken(
  book: ReleaseBook,
  {
    offset,
    documents,
    nowMs,
  }: {
    readonly offset: number;
    readonly documents: readonly string[];
    readonly nowMs: number;
  },
): void {
  const last = book.at(-1);
  const isSameHour = last !== undefined && nowMs >= last.atMs && nowMs - last.atMs < markMs;
  // What had to wait counts where its envelope stands.
  const known = book.find(({ through }) => through > offset) ?? (isSameHour ? last : undefined);
  const mark = known ?? { through: 0, atMs: nowMs, documents: new Set<string>() };
  if (!known) book.push(mark);
  mark.through = Math.max(mark.through, offset + 1);
  for (const document of documents) mark.documents.add(document);
}

export interface ReleaseTerms {
  readonly nowMs: number;
  /** Whether every entry of the document that stands below this offset also stands in history, or above it. */
  readonly isElsewhere: (document: string, through: number) => boolean;
  /** Something that came with the envelope at this offset is still not taken; infinity if nothing waits. */
  readonly waitingFrom: number;
}

/** Below which offset the log may be let go. Nothing before an envelope that must stay is kept back by later ones. */
export function releasable(
  book: readonly ReleaseMark[],
  { nowMs, isElsewhere, waitingFrom }: ReleaseTerms,
): number {
  let through = 0;
  for (const mark of book) {
    const isOld = nowMs - mark.atMs >= ageMs;
    if (!isOld || mark.through > waitingFrom) break;
    if (![...mark.documents].every((one) => isElsewhere(one, mark.through))) break;
    through = mark.through;
  }
  return through;
}

/**
 * Documents that alone keep old log from being let go: parts of devices that hardly record anything. They are
 * published again, so that what is old holds nothing that is not elsewhere.
 */
export function keepingBack(
  book: readonly ReleaseMark[],
  { nowMs, isElsewhere }: Omit<ReleaseTerms, "waitingFrom">,
): readonly string[] {
  const old = book.filter(({ atMs }) => nowMs - atMs >= ageMs);
  const through = old.at(-1)?.through ?? 0;
  const documents = new Set(old.flatMap((mark) => [...mark.documents]));
  return [...documents].filter((one) => !isElsewhere(one, through));
}

/** The relay has let it go. */
export function forgetReleased(book: ReleaseBook, through: number): void {
  while (book[0] && book[0].through <= through) book.shift();
}

const markMs = 3_600_000;
const ageMs = 7 * 86_400_000;

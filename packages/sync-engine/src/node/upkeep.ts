/**
 * Background work of a replica, one job at a time: seal, save, trim, reserve. SPEC.md §6 (UP).
 *
 * Nothing here is needed for a commit to be durable. The order of each job is:
 * write what is new, then the catalogue that names it, then remove what the
 * catalogue no longer names.
 *
 * @module
 */

import { utf8 } from "@tillmesh/kernel";
import {
  formatDocumentName,
  type DocumentKey,
  type DocumentName,
} from "../documents/document-name.ts";
import { deliverNext, documentName, type CoreState } from "../replica/core-state.ts";
import { ledgerMarks } from "../replica/restore.ts";
import { finishSeal } from "../replica/seal.ts";
import { writeCatalogue, type Catalogue } from "./catalogue.ts";
import type { ReplicaParts } from "./run-replica.ts";
import { nextTurn } from "./in-turns.ts";
import { sealedName } from "./sealed-texts.ts";
import { startLedgers } from "./start-ledgers.ts";
import { writeCarryIfDue } from "./write-carry.ts";

export interface Upkeep {
  /** What was left to do when the replica was closed or killed. */
  begin(): Promise<void>;
  /** After changes: does what is due, soon. */
  schedule(): void;
  /** A document whose sealed part is on the disk. */
  retire(key: DocumentKey, name: DocumentName): void;
  checkpoint(): Promise<void>;
  end(): Promise<void>;
}

export function createUpkeep(parts: ReplicaParts, catalogue: Catalogue): Upkeep {
  const work: Work = {
    parts,
    saved: new Set(catalogue.documents),
    retiring: [],
    savedThrough: 0,
    savedAtMs: parts.clock.nowMs(),
  };
  let jobs: Promise<void> = Promise.resolve();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = (job: () => Promise<void>): Promise<void> => {
    jobs = jobs.then(job).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      parts.logger({ level: "error", event: "upkeep-failed", message });
    });
    return jobs;
  };
  const doDue = async (): Promise<void> => {
    timer = undefined;
    await sealQueued(work);
    await startLedgers(work.parts, () => writeNow(work));
    if (isSaveDue(work)) await saveAll(work);
    parts.log.prepare();
  };
  return {
    begin: () =>
      run(async () => {
        writeNow(work);
        await sealQueued(work);
      }),
    schedule: () => {
      timer ??= setTimeout(() => void run(doDue), upkeepDelayMs);
    },
    retire: (key, name) => {
      work.retiring.push({ key, name });
    },
    checkpoint: () => run(() => sealAndSave(work)),
    end: () => {
      clearTimeout(timer);
      return run(() => sealAndSave(work));
    },
  };
}

interface Work {
  readonly parts: ReplicaParts;
  /** Names of documents with a checkpoint on the disk. */
  readonly saved: Set<string>;
  readonly retiring: { readonly key: DocumentKey; readonly name: DocumentName }[];
  /** Log sequence that the newest checkpoint covers. */
  savedThrough: number;
  savedAtMs: number;
}

const upkeepDelayMs = 200;
/** A restart folds at most about this many changes again. */
const saveAfterRecords = 2_000;
const saveAfterMs = 600_000;

function isSaveDue({ parts, savedThrough, savedAtMs }: Work): boolean {
  const waiting = parts.log.status().throughSequence - savedThrough;
  return waiting >= saveAfterRecords || parts.clock.nowMs() - savedAtMs >= saveAfterMs;
}

/** Writes queued sealed texts; after each the catalogue that names it; then lets its document go. */
async function sealQueued(work: Work): Promise<void> {
  const { state, sealedStore, logger } = work.parts;
  const jobs = Array.from(state.sealing);
  for (const { part, text } of jobs) {
    const written = await sealedStore.write(sealedName(part), utf8(text));
    if (!written.ok) {
      logger({ level: "error", event: "seal-failed", ...written.error });
      continue;
    }
    finishSeal(state, part);
    while (deliverNext(state, part.name)) await nextTurn();
    await retireQueued(work);
  }
  if (jobs.length === 0) return;
  await writeCarryIfDue(work.parts);
  writeNow(work);
}

async function retireQueued(work: Work): Promise<void> {
  const { state, link } = work.parts;
  const retiring = work.retiring.splice(0);
  // A catalogue of the same documents can wait for the end of the queue.
  if (retiring.length === 0) return;
  for (const { name } of retiring) work.saved.delete(formatDocumentName(name));
  writeNow(work);
  for (const { key, name } of retiring) {
    await link.retire(key);
    const back = state.documents.get(key);
    if (!back) continue;
    // A branch of a fork came meanwhile, and with it the document.
    const { nodes } = back.kind === "ledger" ? back.part : back.set;
    link.start(key, name.kind);
    link.apply(
      key,
      nodes.map(({ change }) => change.bytes),
    );
  }
}

async function sealAndSave(work: Work): Promise<void> {
  await sealQueued(work);
  await startLedgers(work.parts, () => writeNow(work));
  await saveAll(work);
}

/** Saves every document, and lets go of the log that they cover. */
async function saveAll(work: Work): Promise<void> {
  const { state, link, log, logger, clock } = work.parts;
  if (state.failure) return;
  const { throughSequence } = log.status();
  const names = [...state.documents.values()].map((document) =>
    formatDocumentName(documentName(document)),
  );
  const saved = await link.save();
  if (!saved.ok) {
    logger({ level: "error", event: "checkpoint-failed", ...saved.error });
    return;
  }
  for (const name of names) work.saved.add(name);
  writeNow(work);
  work.savedThrough = throughSequence;
  work.savedAtMs = clock.nowMs();
  const trimmed = log.trim(throughSequence);
  if (!trimmed.ok) logger({ level: "error", event: "trim-failed", ...trimmed.error });
}

function writeNow({ parts, saved }: Work): void {
  writeCatalogue(parts.place, {
    v: 1,
    isFresh: false,
    isRestored: false,
    documents: [...saved],
    ledgers: ledgerMarks(parts.state),
    ownCarry: parts.state.ownCarry ?? null,
    publications: publicationCounts(parts.state),
    tailsSetAside: parts.tailsSetAside,
    ...(parts.state.own && { ownIncarnation: parts.state.own.incarnation }),
    acknowledged: Object.fromEntries(
      [...parts.state.acknowledged].map(([incarnation, sequence]) => [
        String(incarnation),
        sequence,
      ]),
    ),
  });
}

function publicationCounts({ documents }: CoreState): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...documents.values()].flatMap((document) =>
      document.kind === "publications"
        ? [[formatDocumentName(document.set.name), document.set.nodes.length]]
        : [],
    ),
  );
}

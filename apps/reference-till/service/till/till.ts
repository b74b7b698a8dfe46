/**
 * One device at work: its replica, what it knows, and where it stands.
 *
 * Whatever is decided here is decided and committed in one synchronous turn. Nothing may be awaited
 * between reading the state and `replica.commit`, or two requests could both find the drawer closed.
 *
 * @module
 */

import { businessDateAt, type BusinessDate, type Clock, type Random } from "@tillmesh/kernel";
import type { ShopBooks } from "@tillmesh/pricing-core";
import type { TillState } from "@tillmesh/sales-ledger";
import { FiscalDesk } from "../fiscal/desk.ts";
import type { Logger } from "../logger.ts";
import { Projection, type Applied } from "../projection/projection.ts";
import type { Raised } from "../projection/exceptions.ts";
import { noteRevision } from "../projection/revision.ts";
import type { ToldTransfers } from "../projection/told-transfers.ts";
import { emptyOwn, foldOwn, type OwnState } from "./own-state.ts";
import { readPublications, type Publications } from "./publications.ts";
import type { PublishedRequests } from "./published-requests.ts";
import { startReader, type Reader } from "./reader.ts";
import { createRecentKeys, type RecentKeys } from "./recent-keys.ts";
import type { Replica, ReplicaEvent } from "./replica.ts";
import { isReflagged } from "./revoked.ts";

export interface Till {
  readonly replica: Replica;
  readonly projection: Projection<OwnState>;
  readonly books: ShopBooks;
  readonly published: PublishedRequests;
  /** Goods on their way, as headquarters knows of them. */
  readonly told: ToldTransfers;
  readonly recentKeys: RecentKeys;
  /** Seals receipts as the location's fiscal regime asks. */
  readonly fiscal: FiscalDesk;
  readonly clock: Clock;
  readonly random: Random;
  /** This device's own ledger, up to its last commit. */
  readonly state: TillState;
  /** All own entries are read: numbers and keys are known. */
  readonly isOwnRead: boolean;
  /** Everything the replica held at the start is read; what arrives later follows shortly. */
  readonly isAllRead: boolean;
  /** The read models turned out to be damaged: reads them again from the replica. */
  rebuild(error: unknown): void;
  /** Stops the background work; the replica is the caller's to close. */
  close(): void;
}

export interface TillOptions {
  readonly replica: Replica;
  /** The device's. */
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly onEvent: (event: TillEvent) => void;
}

export type TillEvent =
  | {
      readonly type: "applied";
      readonly applied: readonly Applied[];
      readonly raised: readonly Raised[];
    }
  | Exclude<ReplicaEvent, { readonly type: "entries" | "carry" | "history" }>;

export function openTill(options: TillOptions): Till {
  const { replica, clock, random, logger, onEvent } = options;
  const said = readPublications(replica);
  const projection = new Projection<OwnState>({
    file: projectionFileOf(options.directory),
    replica,
    random,
    told: said.told,
    fold: { initial: emptyOwn(replica.device.id), step: foldOwn },
    onApplied: (applied, raised) => onEvent({ type: "applied", applied, raised }),
  });
  if (projection.madeAnew !== undefined) {
    const level = projection.madeAnew === "missing" ? "info" : "warn";
    logger[level]("projection-made-anew", { reason: projection.madeAnew });
  }
  const recentKeys = createRecentKeys(replica);
  const fiscal = new FiscalDesk({
    directory: options.directory,
    logger,
    locations: said.regimes,
    state: () => reader.fiscal,
    till: () => till,
    businessDate: () => businessDateOf(till),
    today: () => todayOf(till),
  });
  const reader = startReader(projection, logger);
  const unsubscribe = follow({ options, said, projection, recentKeys, reader });
  const till: Till = {
    replica,
    projection,
    fiscal,
    get books() {
      return said.books;
    },
    published: said.published,
    told: said.told,
    recentKeys,
    clock,
    random,
    get state() {
      return reader.state;
    },
    get isOwnRead() {
      return reader.isOwnRead;
    },
    get isAllRead() {
      return reader.isAllRead;
    },
    rebuild: (error) => reader.startAnew(error),
    close: () => {
      unsubscribe();
      reader.close();
      projection.close();
    },
  };
  return till;
}

interface Followed {
  readonly options: TillOptions;
  readonly said: Publications;
  readonly projection: Projection<OwnState>;
  readonly recentKeys: RecentKeys;
  readonly reader: Reader;
}

/** What the replica tells goes to whoever it concerns, in the turn that made it durable. */
function follow({ options, said, projection, recentKeys, reader }: Followed): () => void {
  const { replica, onEvent } = options;
  const rereadIfReflagged = (device: string) =>
    isReflagged(replica, projection, device).then(
      (isOther) =>
        reader.derive(() =>
          isOther ? reader.readAgain("revoked") : noteRevision(projection, replica),
        ),
      (error: unknown) => reader.startAnew(error),
    );
  return replica.subscribe((event) => {
    if (event.type === "entries") {
      recentKeys.add(event.entries);
      reader.take(event.entries);
      return;
    }
    if (event.type === "carry" || event.type === "history") return reader.look();
    if (event.type === "publication") {
      const grown = said.take(event.publication);
      if (grown.length > 0) reader.derive(() => projection.deriveTransfers(grown));
    }
    if (event.type === "revoked") {
      said.readAgain();
      void rereadIfReflagged(event.device);
    }
    onEvent(event);
  });
}

/** Read models that can be made again; see `Projection`. */
export function projectionFileOf(directory: string): string {
  return `${directory}/projection.sqlite`;
}

/** The day that facts of now belong to: that of the open shift or day, else the location's today. */
export function businessDateOf(till: Till): BusinessDate {
  const { shifts, day } = till.state;
  return shifts.open?.businessDate ?? day.businessDate ?? todayOf(till);
}

/** By the location's own clock. */
export function todayOf({ replica, clock }: Till): BusinessDate {
  return businessDateAt(clock.nowMs(), replica.location.timeZone);
}

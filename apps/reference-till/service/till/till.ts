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
import { emptyTill, foldTill, type TillState } from "@tillmesh/sales-ledger";
import type { Logger } from "../logger.ts";
import { Projection, type Applied } from "../projection/projection.ts";
import type { Raised } from "../projection/exceptions.ts";
import { noteRevision } from "../projection/revision.ts";
import type { ToldTransfers } from "../projection/told-transfers.ts";
import { readPublications } from "./publications.ts";
import type { PublishedRequests } from "./published-requests.ts";
import { startReader } from "./reader.ts";
import { createRecentKeys, type RecentKeys } from "./recent-keys.ts";
import type { Replica, ReplicaEvent } from "./replica.ts";
import { isReflagged } from "./revoked.ts";

export interface Till {
  readonly replica: Replica;
  readonly projection: Projection<TillState>;
  readonly books: ShopBooks;
  readonly published: PublishedRequests;
  /** Goods on their way, as headquarters knows of them. */
  readonly told: ToldTransfers;
  readonly recentKeys: RecentKeys;
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
  readonly projectionFile: string;
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
  const projection = new Projection<TillState>({
    file: options.projectionFile,
    replica,
    random,
    told: said.told,
    fold: { initial: emptyTill(replica.device.id), step: foldTill },
    onApplied: (applied, raised) => onEvent({ type: "applied", applied, raised }),
  });
  if (projection.madeAnew !== undefined) {
    const level = projection.madeAnew === "missing" ? "info" : "warn";
    logger[level]("projection-made-anew", { reason: projection.madeAnew });
  }
  const recentKeys = createRecentKeys(replica);
  const reader = startReader(projection, logger);
  const rereadIfReflagged = (device: string) =>
    isReflagged(replica, projection, device).then(
      (isOther) =>
        reader.derive(() =>
          isOther ? reader.readAgain("revoked") : noteRevision(projection, replica),
        ),
      (error: unknown) => reader.startAnew(error),
    );
  const unsubscribe = replica.subscribe((event) => {
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
  return {
    replica,
    projection,
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

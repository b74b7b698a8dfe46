/**
 * A shop system with a database of its own that seals into its own transaction: order, document, outbox and head are written together or not at all.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import {
  closedBreaker,
  emptyHead,
  fiscalTimeAt,
  initialDelivery,
  seal,
  streamIdOf,
  type Breaker,
  type FiscalSigner,
  type Head,
  type OutboxStore,
  type Receipt,
  type Regime,
  type Sealed,
  type SealedDocument,
  type SealRefused,
  type StreamConfig,
} from "@tillmesh/fiscal-queue";
import { createFiscalCrypto, createSystemTimer } from "@tillmesh/fiscal-queue/node";
import { inTransaction } from "./schema.ts";
import { addToOutbox, createSqliteOutbox } from "./sqlite-outbox.ts";

export interface VendorShop {
  /** Sells one after another: the chain has one writer. */
  sell(order: VendorOrder): Promise<SaleAnswer>;
  readonly outbox: OutboxStore;
}

export interface VendorOrder {
  readonly id: string;
  readonly receipt: Receipt;
}

export type SaleAnswer =
  | { readonly type: "sold"; readonly document: SealedDocument }
  | { readonly type: "refused"; readonly refusal: SealRefused };

export interface VendorShopOptions {
  readonly database: DatabaseSync;
  readonly regime: Regime;
  readonly config: StreamConfig;
  readonly signer: FiscalSigner;
  readonly nowMs: () => number;
}

/** Once in a stream's life, by somebody who knows that it is the first time: a missing row is never taken for it. */
export function openStream(database: DatabaseSync, regime: Regime, config: StreamConfig): void {
  const opened = regime.open(config);
  if (!opened.ok)
    throw new Error(`The regime refuses the settings: ${JSON.stringify(opened.error)}`);
  const head = emptyHead(config, opened.value.state);
  database
    .prepare("INSERT INTO fiscal_streams VALUES (?, ?, ?, ?)")
    .run(head.stream, JSON.stringify(config), head.sequence, JSON.stringify(head));
}

export function createVendorShop(options: VendorShopOptions): VendorShop {
  const { config, database, nowMs, regime, signer } = options;
  const throttle = regime.delivery?.initialThrottle ?? { notBeforeMs: 0, waitMs: 0, lastSentMs: 0 };
  const context = { config, secrets: {}, crypto: createFiscalCrypto() };
  const timer = createSystemTimer();
  let breaker: Breaker = closedBreaker;
  let queue: Promise<unknown> = Promise.resolve();
  const sellNow = async ({ id, receipt }: VendorOrder): Promise<SaleAnswer> => {
    const head = readHead(database, config);
    const at = fiscalTimeAt(nowMs(), config.timeZone);
    const ports = { regime, head, context, breaker, signer, timer };
    const sealed = await seal({ kind: receipt.kind, receipt }, at, ports);
    if (!sealed.ok) return { type: "refused", refusal: sealed.error };
    inTransaction(database, () => writeSale(database, id, { receipt, sealed: sealed.value, head }));
    ({ breaker } = sealed.value);
    return { type: "sold", document: sealed.value.document };
  };
  return {
    outbox: createSqliteOutbox(database, initialDelivery(throttle)),
    sell: (order) => {
      const sale = queue.then(() => sellNow(order));
      queue = sale.catch(() => undefined);
      return sale;
    },
  };
}

/** What the queue returned is written with the order; the head moves only if nobody moved it meanwhile. */
function writeSale(
  database: DatabaseSync,
  id: string,
  {
    head,
    receipt,
    sealed,
  }: { readonly receipt: Receipt; readonly sealed: Sealed; readonly head: Head },
): void {
  const { document } = sealed;
  const moved = database
    .prepare("UPDATE fiscal_streams SET sequence = ?, head = ? WHERE stream = ? AND sequence = ?")
    .run(document.sequence, JSON.stringify(sealed.head), document.stream, head.sequence);
  if (moved.changes !== 1) throw new Error("Somebody else wrote to this chain.");
  addToOutbox(database, document);
  database
    .prepare("INSERT INTO orders VALUES (?, ?, ?)")
    .run(id, receipt.totalMinor, document.number);
}

/** Throws where there is none: a head that cannot be read is no reason to begin a chain. */
export function readHead(database: DatabaseSync, config: StreamConfig): Head {
  const row = database
    .prepare("SELECT head FROM fiscal_streams WHERE stream = ?")
    .get(streamIdOf(config));
  if (row === undefined) throw new Error("The stream was never opened.");
  return JSON.parse(String(row["head"])) as Head;
}

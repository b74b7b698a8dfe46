/**
 * Seals one receipt after the other, as a till does within a sale.
 *
 * @module
 */

import {
  closedBreaker,
  emptyHead,
  fiscalTimeAt,
  seal,
  type DocumentRequest,
  type Head,
  type Receipt,
  type SealedDocument,
  type SealPorts,
} from "@tillmesh/fiscal-queue";
import { createFiscalCrypto, createSystemTimer } from "@tillmesh/fiscal-queue/node";
import type { Clock } from "@tillmesh/kernel";
import { systemClock } from "@tillmesh/kernel/node";
import { testRandom } from "@tillmesh/kernel/testing";
import type { SaleBody } from "@tillmesh/sales-ledger";
import { receiptOf, type FiscalShop } from "./fiscal-shops.ts";
import { createSaleMaker, type SalePlace } from "./sample-sale.ts";
import { value } from "./sample-shop.ts";

export interface Sealer {
  seal(receipt: Receipt): Promise<SealedDocument>;
}

/** The stream is opened, and what its regime wants first is sealed. */
export async function openSealer(
  shop: FiscalShop,
  clock: Pick<Clock, "nowMs"> = systemClock(),
): Promise<Sealer> {
  const { regime, config, secrets, signer } = shop;
  const opened = value(regime.open(config));
  let head: Head = emptyHead(config, opened.state);
  const ports: Omit<SealPorts, "head"> = {
    regime,
    context: { config, secrets, crypto: createFiscalCrypto() },
    breaker: closedBreaker,
    timer: createSystemTimer(),
    ...(signer && { signer }),
  };
  const sealOne = async (request: DocumentRequest): Promise<SealedDocument> => {
    const at = fiscalTimeAt(clock.nowMs(), config.timeZone);
    const sealed = value(await seal(request, at, { ...ports, head }));
    ({ head } = sealed);
    return sealed.document;
  };
  if (opened.start !== undefined) await sealOne(opened.start);
  return { seal: (receipt) => sealOne({ kind: receipt.kind, receipt }) };
}

/** Sales evenly over the days until now. */
export async function* sealedDays(
  shop: FiscalShop,
  { count, days }: { readonly count: number; readonly days: number },
): AsyncGenerator<SealedDocument> {
  const stepMs = Math.floor((days * 86_400_000) / count);
  let nowMs = Date.now() - days * 86_400_000;
  const sealer = await openSealer(shop, { nowMs: () => nowMs });
  const sales = createSaleMaker({ random: testRandom(2), skuCount: 500 });
  for (let made = 0; made < count; made += 1) {
    const { body } = sales.next(somewhere);
    yield await sealer.seal(receiptOf(body as unknown as SaleBody, shop));
    nowMs += stepMs;
  }
}

/** Of a sale only its lines are used. */
const somewhere = {
  location: { id: "loc_1", currency: "EUR" },
  device: { code: "t1" },
  incarnation: 1,
  businessDate: "2026-11-22",
} as unknown as SalePlace;

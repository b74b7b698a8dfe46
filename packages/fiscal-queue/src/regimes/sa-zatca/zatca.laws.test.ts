import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deliverStep, requeueInflight, type DeliverPorts } from "../../deliver.ts";
import { streamIdOf, type Head, type SealedDocument } from "../../document.ts";
import { createFiscalCrypto } from "../../node/index.ts";
import { initialDelivery } from "../../outbox-store.ts";
import type { Transport } from "../../ports.ts";
import type { Receipt } from "../../receipt.ts";
import { createFakeZatca } from "../../testing/fake-zatca.ts";
import { createMemoryOutbox } from "../../testing/memory-outbox.ts";
import type { Behaviour } from "../../testing/scripted-authority.ts";
import { requestOf, sealAll } from "../../testing/seal-all.ts";
import {
  zatcaNowMs,
  zatcaReceipt,
  zatcaReference,
  zatcaShop,
  type ZatcaItem,
} from "../../testing/zatca-shop.ts";
import { fiscalTimeAt } from "../../time.ts";
import { amountText, taxOf } from "./decimal.ts";
import { zatcaAuthorization, zatcaDelivery } from "./delivery.ts";
import { invoiceRules } from "./invoice-rules.ts";
import { invoiceOf } from "./invoice.ts";
import { readDocument } from "./read-document.ts";
import { readSettings } from "./settings.ts";
import { verifyDocument } from "./verify-document.ts";
import { zatca } from "./zatca.ts";
import { invoiceParts, hashedText } from "./write-invoice.ts";
import { parseXml } from "./xml-tree.ts";
import { canonicalXml } from "./canonical-xml.ts";

const shop = zatcaShop();
const crypto = createFiscalCrypto();
const at = fiscalTimeAt(zatcaNowMs, "Asia/Riyadh");
const seller = readSettings(shop.config);

const kinds: readonly Pick<ZatcaItem, "category" | "rateBp" | "taxCode">[] = [
  { category: "S", rateBp: 1500, taxCode: "std" },
  { category: "S", rateBp: 500, taxCode: "low" },
  { category: "Z", rateBp: 0, taxCode: "medicine" },
  { category: "E", rateBp: 0, taxCode: "bank" },
];

const items: fc.Arbitrary<readonly ZatcaItem[]> = fc.array(
  fc
    .record({
      name: fc.string({ unit: "binary" }),
      quantityMilli: fc.oneof(
        fc.integer({ min: 1, max: 20_000 }),
        fc.constantFrom(1000, 2000, 3000),
      ),
      netMinor: fc.integer({ min: 0, max: 1_000_000 }),
      kind: fc.constantFrom(...kinds),
    })
    .map(({ kind, ...item }) => ({ ...item, ...kind })),
  { minLength: 1, maxLength: 8 },
);

/** Prices with tax in them, as tills have them: the tax of a rate is taken out of the gross, and does not always close. */
const grossReceipts: fc.Arbitrary<Receipt> = items.map((list) => {
  const receipt = zatcaReceipt(list);
  const taxes = receipt.taxes.map((tax) => {
    const grossMinor = tax.netMinor + taxOf(tax.netMinor, tax.rateBp);
    const taxMinor = Math.round((grossMinor * tax.rateBp) / (10_000 + tax.rateBp));
    return { ...tax, taxMinor };
  });
  const totalMinor = sum(taxes.flatMap(({ netMinor, taxMinor }) => [netMinor, taxMinor]));
  return { ...receipt, taxes, totalMinor };
});

const receipts: fc.Arbitrary<Receipt> = fc.oneof(
  items.map((list) => zatcaReceipt(list)),
  grossReceipts,
  items.map((list) => zatcaReceipt(list, { kind: "refund", ...zatcaReference })),
  items.map((list) => zatcaReceipt(list, { ...zatcaReference, options: { note: "debit" } })),
);

function sum(amounts: readonly number[]): number {
  return amounts.reduce((a, b) => a + b, 0);
}

function hashedOf(receipt: Receipt): string {
  return hashedText(
    invoiceParts(invoiceOf(receipt, seller), {
      number: "B1-1-000001",
      uuid: "8e6000cf-1a98-4174-b3e7-b5d5954bc10d",
      issueDate: "2026-11-22",
      issueTime: "10:00:00",
      icv: 1,
      previousHash: "x",
      vatNumber: shop.config.taxpayer,
      seller,
    }),
  );
}

describe("figures (RSA)", () => {
  test("[RSA7] the sums of any basket close, each category rounded once", () => {
    fc.assert(
      fc.property(receipts, (receipt) => {
        const invoice = invoiceOf(receipt, seller);
        for (const group of invoice.groups) {
          expect(group.taxMinor).toBe(taxOf(group.netMinor, group.rateBp));
        }
        expect(invoice.netMinor).toBe(sum(invoice.groups.map(({ netMinor }) => netMinor)));
        expect(invoice.taxMinor).toBe(sum(invoice.groups.map(({ taxMinor }) => taxMinor)));
        expect(invoice.netMinor).toBe(sum(invoice.lines.map(({ netMinor }) => netMinor)));
        expect(invoice.grossMinor + invoice.roundingMinor).toBe(Math.abs(receipt.totalMinor));
      }),
    );
  });

  test("[RSA7] [RSA8] what the check lets pass breaks no rule of the document", () => {
    fc.assert(
      fc.property(receipts, (receipt) => {
        const head: Head = {
          stream: "",
          sequence: 0,
          lastNumber: 0,
          hash: "",
          sealedAtMs: 0,
          state: {},
        };
        expect(zatca.check(requestOf(receipt), { config: shop.config, head, at })).toEqual([]);
        const root = parseXml(hashedOf(receipt));
        const broken = root.ok ? invoiceRules(root.value).map(({ rule }) => rule) : ["unread"];
        // Its stamp and QR code are still to come.
        const ofStamp = new Set(["BR-KSA-27", "BR-KSA-60", "BR-KSA-28", "BR-KSA-29", "BR-KSA-30"]);
        expect(broken.filter((rule) => !ofStamp.has(rule))).toEqual([]);
      }),
    );
  });

  test("[RSA5] what is written is its own canonical form, whatever the names", () => {
    fc.assert(
      fc.property(receipts, (receipt) => {
        const hashed = hashedOf(receipt);
        const root = parseXml(hashed);
        expect(root.ok && canonicalXml(root.value)).toBe(hashed);
      }),
    );
  });

  test("[RSA7] amounts are written with two digits", () => {
    expect([0, 5, -1, 23_115, -100].map(amountText)).toEqual([
      "0.00",
      "0.05",
      "-0.01",
      "231.15",
      "-1.00",
    ]);
  });

  test("[RSA7] a price that does not close with its VAT is paid as it is, and the rest is told as rounding", () => {
    const [tax] = zatcaReceipt([{ name: "x", quantityMilli: 1000, netMinor: 86_957 }]).taxes;
    const receipt = zatcaReceipt([{ name: "x", quantityMilli: 1000, netMinor: 86_957 }]);
    const invoice = invoiceOf({ ...receipt, totalMinor: 100_000 }, seller);
    expect(tax?.taxMinor).toBe(13_044);
    expect(invoice).toMatchObject({
      grossMinor: 100_001,
      roundingMinor: -1,
      payableMinor: 100_000,
    });
    expect(hashedOf({ ...receipt, totalMinor: 100_000 })).toContain(
      '<cbc:PayableRoundingAmount currencyID="SAR">-0.01</cbc:PayableRoundingAmount>',
    );
  });
});

describe("the chain (RSA)", () => {
  test("[RSA4] counters have no gap and each document follows the one before, over restarts", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(receipts, { maxLength: 3 }), { minLength: 1, maxLength: 4 }),
        async (lives) => {
          let head: Head | undefined;
          const documents: SealedDocument[] = [];
          for (const life of lives) {
            const fromMs = zatcaNowMs + documents.length * 60_000;
            const run = await sealAll(zatca, life, { ...shop, fromMs, ...(head && { head }) });
            // A till that restarts has its head from its ledger, which is JSON.
            head = JSON.parse(JSON.stringify(run.head)) as Head;
            documents.push(...run.documents);
          }
          const facts = documents.map(({ text }) => {
            const read = readDocument(text);
            return read.ok ? read.value.facts : undefined;
          });
          expect(facts.map((one) => one?.icv)).toEqual(
            documents.map((_, index) => String(index + 1)),
          );
          expect(facts.slice(1).map((one) => one?.previousHash)).toEqual(
            documents.slice(0, -1).map(({ hash }) => hash),
          );
          const verifier = zatca.verifier({ config: shop.config, secrets: {}, crypto });
          expect(documents.flatMap((one) => verifier.step(one))).toEqual([]);
          expect(documents.flatMap(({ text }) => verifyDocument(text, crypto).findings)).toEqual(
            [],
          );
        },
      ),
      { numRuns: 15 },
    );
  });

  test("[RSA4] one left out, two exchanged or one twice is found", async () => {
    const receipt = zatcaReceipt([{ name: "Book", quantityMilli: 1000, netMinor: 3300 }]);
    const run = await sealAll(zatca, [receipt, receipt, receipt], { ...shop, fromMs: zatcaNowMs });
    const [a, b, c] = run.documents as [SealedDocument, SealedDocument, SealedDocument];
    for (const others of [
      [a, c],
      [b, a, c],
      [a, a, b],
      [b, c],
      [a, c, b],
    ]) {
      const verifier = zatca.verifier(run.context);
      expect(others.flatMap((one) => verifier.step(one))).not.toEqual([]);
    }
  });
});

describe("delivery with power cuts (RSA)", () => {
  test("[RSA13] any answer at all has one verdict, and only the authority's own word is acceptance", () => {
    const document = { hash: "h" } as SealedDocument;
    const word = fc.constantFrom("REPORTED", "CLEARED", "x", "");
    const message = fc.oneof(fc.jsonValue(), fc.record({ code: word, message: word }));
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .record({
          reportingStatus: fc.oneof(word, fc.jsonValue()),
          invoiceHash: fc.oneof(word, fc.constant("h")),
          validationResults: fc.oneof(
            fc.jsonValue(),
            fc.record({ errorMessages: fc.array(message), warningMessages: fc.array(message) }),
          ),
        })
        .map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), body, (status, text) => {
        const { verdicts } = zatcaDelivery.interpret(
          { documents: [document], isLate: false },
          { type: "answer", status, headers: {}, body: text },
          { config: shop.config, nowMs: 0, throttle: zatcaDelivery.initialThrottle },
        );
        expect(verdicts).toHaveLength(1);
        if (verdicts[0]?.type.startsWith("accepted")) expect(text).toContain('"REPORTED"');
      }),
    );
  });

  test("[RSA14] exactly one record of each document, whatever happens in whichever order", async () => {
    const receipt = zatcaReceipt([{ name: "Book", quantityMilli: 1000, netMinor: 3300 }]);
    const { documents } = await sealAll(
      zatca,
      Array.from({ length: 3 }, () => receipt),
      {
        ...shop,
        fromMs: zatcaNowMs,
      },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(behaviours, { maxLength: 12 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 6 }),
        async (script, cuts) => {
          const { fake, states } = await deliverWithCuts(documents, { script, cuts });
          expect(
            fake
              .accepted()
              .map(({ hash }) => hash)
              .toSorted(),
          ).toEqual(documents.map(({ hash }) => hash).toSorted());
          expect(new Set(states)).toEqual(new Set(["accepted"]));
          expect(fake.authority.books.forks()).toEqual([]);
        },
      ),
      { numRuns: 30 },
    );
  });
});

const behaviours: fc.Arbitrary<Behaviour> = fc.constantFrom<Behaviour>(
  { type: "accept" },
  { type: "drop-reply" },
  { type: "late", delayMs: 1000 },
  { type: "twice" },
  { type: "throttle", waitMs: 60_000 },
  { type: "garbage", isStored: true },
  { type: "garbage", isStored: false },
  { type: "error", status: 500, isStored: true },
  { type: "error", status: 303, isStored: false },
  { type: "error", status: 503, isStored: false },
  { type: "down" },
);

async function deliverWithCuts(
  documents: readonly SealedDocument[],
  { cuts, script }: { readonly script: readonly Behaviour[]; readonly cuts: readonly number[] },
): Promise<{ fake: ReturnType<typeof createFakeZatca>; states: readonly string[] }> {
  let nowMs = zatcaNowMs + 3_600_000;
  let writes = 0;
  const stream = streamIdOf(shop.config);
  const fake = createFakeZatca({ nowMs: () => nowMs });
  fake.admit({ unit: "till", securityToken: "t", secret: "s" });
  fake.authority.script(...script);
  const store = createMemoryOutbox({
    initial: initialDelivery(zatcaDelivery.initialThrottle),
    beforeWrite: () => {
      writes += 1;
      if (cuts.includes(writes)) throw new Error("power cut");
    },
  });
  for (const document of documents) store.add(document);
  const authorization = zatcaAuthorization("t", "s");
  const transport: Transport = {
    send: (request) =>
      fake.authority.transport.send({ ...request, headers: { ...request.headers, authorization } }),
  };
  const ports: DeliverPorts = {
    config: shop.config,
    delivery: zatcaDelivery,
    store,
    transport,
    now: () => fiscalTimeAt(nowMs, "Asia/Riyadh"),
    random: (size) => new Uint8Array(size),
  };
  for (let count = 0; count < 200; count += 1) {
    const step = await deliverStep(ports).catch(() => "cut" as const);
    if (step === "cut") await requeueInflight(store, stream).catch(() => 0);
    else if (step.type === "waiting") nowMs = Math.max(nowMs + 1, step.untilMs);
    else if (step.type === "idle") await requeueInflight(store, stream).catch(() => 0);
    if (store.items(stream).every(({ state }) => state === "accepted")) break;
  }
  return { fake, states: store.items(stream).map(({ state }) => state) };
}

import * as fc from "fast-check";
import { assert } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { breakerOf, closedBreaker, type Breaker } from "../../breaker.ts";
import type { Head, SealedDocument } from "../../document.ts";
import { emptyHead, headAfter } from "../../head.ts";
import { createFiscalCrypto } from "../../node/index.ts";
import type { DocumentRequest, SealContext } from "../../regime.ts";
import { seal } from "../../seal.ts";
import { secondOpinion } from "../../testing/rksv-second-opinion.ts";
import { rksvAesKey, rksvExport, rksvReceipt, rksvShop } from "../../testing/rksv-shop.ts";
import { brokenSigner } from "../../testing/rksv-week.ts";
import { neverTimer, requestOf } from "../../testing/seal-all.ts";
import { rksv } from "./rksv.ts";
import { emptyState, readState } from "./state.ts";

const shop = rksvShop();
const context: SealContext = {
  config: shop.config,
  secrets: shop.secrets,
  crypto: createFiscalCrypto(),
};

/** What happens at a till, one after the other. */
type Act =
  | { readonly type: "seal"; readonly request: DocumentRequest }
  | { readonly type: "signer"; readonly works: boolean }
  | { readonly type: "restart" };

const amounts = fc.array(fc.integer({ min: -50_000, max: 50_000 }), {
  minLength: 5,
  maxLength: 5,
});
const receipt = fc
  .tuple(fc.constantFrom("sale", "void", "training"), amounts)
  .map(([kind, all]) => requestOf(rksvReceipt(kind, all)));
const closing = fc.constantFrom<DocumentRequest>(
  { kind: "zero" },
  { kind: "month", closes: "month" },
);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: receipt.map((request): Act => ({ type: "seal", request })) },
  { weight: 1, arbitrary: closing.map((request): Act => ({ type: "seal", request })) },
  { weight: 2, arbitrary: fc.boolean().map((works): Act => ({ type: "signer", works })) },
  { weight: 1, arbitrary: fc.constant<Act>({ type: "restart" }) },
);
const life = fc.array(act, { minLength: 1, maxLength: 25 });

describe("laws of the RKSV (RAT)", () => {
  test("[RAT3] the counter is the sum of all receipts that are no training, whatever happens", async () => {
    await fc.assert(
      fc.asyncProperty(life, async (acts) => {
        const till = await live(acts);
        const counted = till.requests.filter(({ kind }) => kind !== "training");
        const sum = counted.reduce((all, one) => all + (one.receipt?.totalMinor ?? 0), 0);
        expect(readState(till.head.state)?.turnoverMinor).toBe(sum);
        const text = await rksvExport(till.documents, shop);
        const second = await secondOpinion(text, { aesKey: rksvAesKey, jwks: shop.jwks });
        expect(second).toMatchObject({ complaints: [], turnover: BigInt(sum) });
      }),
    );
  });

  test("[RAT11] an outage at any point ends in exactly one collective receipt, once the device works", async () => {
    await fc.assert(
      fc.asyncProperty(life, async (acts) => {
        const { documents } = await live([...acts, { type: "signer", works: true }]);
        const kinds = documents.map((one) =>
          one.degraded === undefined ? (one.kind === "collective" ? "C" : ".") : "x",
        );
        // Each stretch without a signature, and nothing else, is followed by a collective receipt.
        expect(kinds.join("")).toMatch(/^\.(?:\.|x+C)*$/);
      }),
    );
  });

  test("[RAT15] documents verify, numbers have no gap, and a restart at any point changes nothing", async () => {
    await fc.assert(
      fc.asyncProperty(life, async (acts) => {
        const { documents, head } = await live(acts);
        const verifier = rksv.verifier(context);
        expect(documents.flatMap((document) => verifier.step(document))).toEqual([]);
        const numbered = documents.filter(({ kind }) => rksv.isNumbered(kind));
        expect(numbered.map(({ number }) => number)).toEqual(
          numbered.map((_, at) => `B1-1-${String(at + 1).padStart(6, "0")}`),
        );
        expect(documents.map(({ sequence }) => sequence)).toEqual(documents.map((_, at) => at + 1));
        expect(refold(documents)).toEqual(head);
      }),
    );
  });
});

interface Till {
  readonly documents: readonly SealedDocument[];
  readonly requests: readonly DocumentRequest[];
  readonly head: Head;
  readonly breaker: Breaker;
  readonly works: boolean;
}

async function live(acts: readonly Act[]): Promise<Till> {
  const empty: Till = {
    documents: [],
    requests: [],
    head: emptyHead(shop.config, emptyState),
    breaker: closedBreaker,
    works: true,
  };
  let till = await sealNext(empty, { kind: "start" });
  for (const one of acts) till = await after(till, one);
  return till;
}

function after(till: Till, one: Act): Promise<Till> {
  if (one.type === "seal") return sealNext(till, one.request);
  if (one.type === "signer") return recovered({ ...till, works: one.works });
  const head = refold(till.documents);
  return recovered({ ...till, head, breaker: breakerOf(head, nowOf(till)) });
}

/** As a till does on a timer: what the regime asks for, until the device says no. */
async function recovered(till: Till): Promise<Till> {
  const [request] = rksv.recover?.(till.head, shop.config) ?? [];
  return request === undefined || !till.works ? till : sealNext(till, request);
}

async function sealNext(till: Till, request: DocumentRequest): Promise<Till> {
  const { breaker, head, works } = till;
  const at = { epochMs: nowOf(till), offsetMinutes: 60 };
  const signer = works ? shop.signer : brokenSigner;
  const sealed = await seal(request, at, {
    regime: rksv,
    head,
    context,
    breaker,
    signer,
    timer: neverTimer,
  });
  assert(sealed.ok, `${request.kind} is sealed: ${JSON.stringify(sealed)}`);
  const { document } = sealed.value;
  return {
    ...till,
    ...sealed.value,
    documents: [...till.documents, document],
    requests: [...till.requests, request],
  };
}

function refold(documents: readonly SealedDocument[]): Head {
  return documents.reduce((one, next) => headAfter(next, one), emptyHead(shop.config, emptyState));
}

/** Minutes pass, so that a probe is due. */
function nowOf({ documents }: Till): number {
  return 1_795_341_600_000 + documents.length * 120_000;
}

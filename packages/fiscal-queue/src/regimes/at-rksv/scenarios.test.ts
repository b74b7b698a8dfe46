import { describe, expect, test } from "vitest";
import { createFiscalCrypto } from "../../node/index.ts";
import {
  conformanceJson,
  conformanceText,
  isConformanceAbsent,
} from "../../testing/conformance.ts";
import { playScenario, type RksvScenario } from "../../testing/rksv-scenario.ts";
import { secondOpinion } from "../../testing/rksv-second-opinion.ts";
import {
  receiptsOfDep7,
  rksvAesKey,
  rksvExport,
  rksvMaterial,
  rksvShop,
  type RksvShop,
} from "../../testing/rksv-shop.ts";
import { readJws } from "./jws.ts";
import { readPayload, type RksvPayload } from "./payload.ts";
import { verifyDep7 } from "./verify-dep7.ts";

const runs = [1, 2, 3, 4].flatMap((scenario) =>
  ["open", "closed", ...(scenario === 2 ? ["len5"] : [])].map((system) => ({ scenario, system })),
);
const finalMinor = [1_324_168n, 1_245_862n, 1_290_613n, 1_215_680n];
const isAbsent = isConformanceAbsent("RKSV scenarios", runs.length);

describe.skipIf(isAbsent)("official scenarios of a cash box (RAT)", () => {
  test.each(runs)("[RAT19] scenario $scenario, $system", async ({ scenario, system }) => {
    const shop = shopOf(system);
    const documents = await playScenario(scenarioOf(scenario), shop);
    const dep = await rksvExport(documents, shop);
    const stored = receiptsOf(
      conformanceText(`at-rksv/reference-box-deps/${scenario}-${system}/dep-export.json`),
    );
    // Serial, chain value and signature depend on keys that each run draws for itself.
    expect(receiptsOf(dep).map(bare)).toEqual(stored.map(bare));
    expect(documents.map(({ text }) => text)).toEqual(receiptsOfDep7(dep));

    const report = verifyDep7(dep, rksvMaterial(shop), { crypto: createFiscalCrypto() });
    expect(report).toEqual({
      ok: true,
      value: {
        findings: [],
        receiptCount: stored.length,
        turnoverMinor: finalMinor[scenario - 1],
      },
    });
    const second = await secondOpinion(dep, { aesKey: rksvAesKey, jwks: shop.jwks });
    expect(second.complaints).toEqual([]);
    expect(second.turnover).toBe(finalMinor[scenario - 1]);
    expect(second.receipts).toHaveLength(stored.length);
  });
});

function shopOf(system: string): RksvShop {
  return system === "closed"
    ? rksvShop({ system, keyIds: ["K0", "K1", "K2"].map((key) => `U:ATU12345678-${key}`) })
    : rksvShop({ keyIds: ["a0", "a1", "a2"], counterBytes: system === "len5" ? 5 : 8 });
}

function scenarioOf(scenario: number): RksvScenario {
  return conformanceJson(
    `at-rksv/scenarios/TESTSUITE_TEST_SZENARIO_${scenario}.json`,
  ) as RksvScenario;
}

function receiptsOf(dep: string): readonly RksvPayload[] {
  return receiptsOfDep7(dep)
    .map((text) => readPayload(readJws(text)?.payload ?? ""))
    .filter((payload) => payload !== undefined);
}

function bare({
  cashBoxId,
  number,
  time,
  amountsMinor,
  counter,
  trustProvider,
}: RksvPayload): object {
  return { cashBoxId, number, time, amountsMinor, counter, trustProvider };
}

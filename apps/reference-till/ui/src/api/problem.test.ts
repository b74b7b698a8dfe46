import { describe, expect, test } from "vitest";
import { readProblem, sentenceOf } from "./problem.ts";

const problem = (body: object, status = 422) => sentenceOf(readProblem(status, body));

describe("problems as sentences", () => {
  test("known codes say what to do", () => {
    expect(problem({ code: "NoOpenShift" })).toBe("No shift is open on this till. Open one first.");
    expect(problem({ code: "Underpaid", missing: { minor: 130, currency: "GBP" } })).toBe(
      "£1.30 are missing.",
    );
    expect(problem({ code: "PriceChanged", total: { minor: 370, currency: "GBP" } })).toContain(
      "now £3.70",
    );
  });

  test("what one may not decide names who may", () => {
    const facts = { role: "cashier", limitPercent: "10", allowedRoles: ["manager"] };
    expect(problem({ code: "DiscountAboveLimit", ...facts }, 403)).toBe(
      "That is more than a cashier may take off (10 %). A manager may: sign in as one.",
    );
    expect(problem({ code: "DiscountAboveLimit" }, 403)).toContain("A manager may");
  });

  test("a fault is told with its field, unless it is a sentence of its own", () => {
    const errors = [{ pointer: "/lines/0/quantity", code: "required", detail: "is missing" }];
    expect(problem({ code: "InvalidBody", errors })).toBe("Quantity is missing.");
    const told = [{ pointer: "/lines/0/sku", code: "NoPrice", detail: "C1 has no price today." }];
    expect(problem({ code: "NoPrice", errors: told })).toBe("C1 has no price today.");
  });

  test("a sale that cannot be sealed is told with its facts, and that nothing was recorded", () => {
    const errors = [
      faultOf("has no VAT category"),
      faultOf("has no VAT category"),
      faultOf("No NIF."),
    ];
    expect(problem({ code: "FiscalRefused", errors })).toBe(
      "The fiscal rules of this place do not take such a receipt. Nothing was recorded. Lines: has no VAT category. No NIF.",
    );
    expect(problem({ code: "FiscalStopped", detail: "Document 5 is missing." })).toMatch(
      /nothing is sold on it. Nothing was recorded. Document 5 is missing.$/,
    );
    const codes = ["FiscalNotActivated", "FiscalClock", "FiscalSettings", "FiscalSignerOut"];
    for (const code of codes) expect(problem({ code })).toContain("Nothing was recorded");
  });

  test("what is no problem document is told by its status", () => {
    expect(sentenceOf(readProblem(502, "<html>"))).toBe("The service answered with status 502.");
    expect(readProblem(502, undefined).retryable).toBe(true);
    expect(readProblem(404, undefined).retryable).toBe(false);
  });
});

function faultOf(detail: string) {
  return { pointer: "/fiscal/lines/0", code: "X", detail };
}

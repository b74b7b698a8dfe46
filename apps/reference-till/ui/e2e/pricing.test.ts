import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openBrowser, openPage, scan, signIn, tooWide } from "./browser.ts";
import { openLoneTill, type LoneTill } from "./shop.ts";

const isMissing = chromiumPath === undefined;

interface Money {
  readonly minor: number;
}

interface Receipt {
  readonly total: Money;
  readonly rounding?: Money;
  readonly tenders: readonly { readonly kind: string; readonly amount: Money }[];
}

interface Sale extends Receipt {
  readonly saleId: string;
  readonly receiptNumber: string;
}

const chf = (minor: number) => ({ minor, currency: "CHF" });
const cashierPin = "7391";

// A shop in a country whose smallest coin is five: each test goes on where the one before it ended.
describe.skipIf(isMissing)("prices, promotions and tenders in a browser", () => {
  let browser: Browser;
  let till: LoneTill;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    [browser, till] = await Promise.all([
      openBrowser(),
      openLoneTill({ currency: "CHF", timeZone: "Europe/Zurich" }),
    ]);
    await stock(till);
    page = await openPage(browser, { url: till.url, faults });
    await signIn(page, till.pin);
    await page.getByLabel("Float in CHF").fill("50");
    await button("Open shift").click();
    await button(/^Latte/).waitFor();
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await till?.close();
  });

  afterEach(() => expect(faults.splice(0)).toEqual([]));

  const button = (name: string | RegExp) => page.getByRole("button", { name });
  const textOf = async (selector: string) => plain(await page.locator(selector).innerText());
  const total = async () => plain((await page.getByTestId("total").textContent()) ?? "");
  /** Nothing is cut off at the width of a phone. */
  const onPhone = async () => {
    await page.setViewportSize({ width: 360, height: 768 });
    expect(await tooWide(page)).toEqual([]);
    await page.setViewportSize({ width: 1024, height: 768 });
  };
  const newestSale = async () => {
    const { items } = await till.get<{ readonly items: readonly Sale[] }>("/sales");
    return items[0];
  };

  test("a promotion stands below its line, with what it was and what is saved", async () => {
    for (let times = 0; times < 3; times += 1) await scan(page, "7612345000015");
    await scan(page, "7612345000022");
    await expect.poll(total).toBe("CHF 13.00");
    const line = await textOf(".ticket-line:first-child");
    for (const part of ["3 for 2", "-CHF 5.20", "CHF 15.60", "CHF 10.40"]) {
      expect(line).toContain(part);
    }
    expect(await textOf(".ticket-sums")).toContain("Saved CHF 5.20");
  });

  test("a coupon that nobody knows is refused with the reason, a good one counts", async () => {
    await button("More …").click();
    await button("Coupon …").click();
    await page.getByLabel("Code of the coupon").fill("NOPE");
    await button("Use coupon").click();
    await page.getByText("NOPE is not known.").waitFor();
    await page.getByLabel("Code of the coupon").fill("WELCOME");
    await button("Use coupon").click();
    await page.getByText("Coupon WELCOME counts").waitFor();
    await expect.poll(total).toBe("CHF 12.74");
    expect(await page.getByText("Coupon NOPE").count()).toBe(0);
  });

  test("a reload keeps the coupon", async () => {
    await page.reload();
    await expect.poll(total).toBe("CHF 12.74");
  });

  test("whoever stops paying in the middle is told what to give back", async () => {
    await button(/^Pay/).click();
    await page.keyboard.type("100");
    await button(/^Card$/).click();
    await page.getByText("Still due of CHF 12.74").waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("Not sold. Give back what was taken: Card CHF 1.00.").waitFor();
    await button("Dismiss").click();
  });

  test("what is left for cash is rounded, what the card pays is not", async () => {
    await button(/^Pay/).click();
    await button("Exact CHF 12.75").waitFor();
    await page.keyboard.type("500");
    await button(/^Card$/).dblclick();
    await page.getByText("Still due of CHF 12.74").waitFor();
    await onPhone();
    expect(await textOf(".pay-total")).toContain("CHF 7.74 CHF 7.75 in cash");
    await button("Exact CHF 7.75").click();
    await page.getByRole("heading", { name: "No change due" }).waitFor();
    const sale = await newestSale();
    expect(sale).toMatchObject({ total: chf(1274), rounding: chf(1) });
    expect(sale?.tenders.map(({ kind, amount }) => [kind, amount.minor])).toEqual([
      ["card", 500],
      ["cash", 775],
    ]);
  });

  test("the receipt names what was taken off, the rounding and the tenders", async () => {
    const receipt = await textOf("article.receipt");
    const parts = ["3 for 2 -CHF 5.20", "Welcome -CHF 0.26", "Before discounts CHF 18.20"];
    const paid = ["Rounding of cash CHF 0.01", "Card CHF 5.00", "Cash CHF 7.75"];
    for (const part of [...parts, ...paid]) expect(receipt).toContain(part);
  });

  test("a refund of one unit is told part by part before it is made", async () => {
    const sale = await newestSale();
    await page.getByRole("link", { name: "Sales" }).click();
    await page.getByLabel("Receipt number").fill(sale?.receiptNumber ?? "");
    await button("Find").click();
    await button("Give back …").click();
    await page.getByLabel("Give back of Latte").fill("1");
    await page.getByRole("heading", { name: "What comes back" }).waitFor();
    const told = await textOf(".refund-preview");
    for (const part of ["1 × Latte CHF 5.20", "3 for 2 -CHF 1.73", "Given back CHF 3.47"]) {
      expect(told).toContain(part);
    }
    await onPhone();
    await page.getByLabel("Reason").fill("Spilt");
    await button("Give back chosen lines").click();
    await page.locator(".receipt").filter({ hasText: "Reason: Spilt" }).first().waitFor();
    await onPhone();
    const { refunds } = await till.get<{ readonly refunds: readonly Receipt[] }>(
      `/sales/${sale?.saleId}`,
    );
    expect(refunds).toMatchObject([{ total: chf(347) }]);
  });

  test("a manager sees where each promotion stands", async () => {
    await page.getByRole("link", { name: "Products" }).click();
    await page.getByRole("link", { name: "Promotions" }).click();
    const row = (name: string) => page.getByRole("row", { name });
    await row("3 for 2").getByText("active now").waitFor();
    await row("Next century").getByText("scheduled").waitFor();
    await row("Long ago").getByText("ended").waitFor();
    await onPhone();
  });

  test("a cashier is told who may give a line away", async () => {
    await button("Sign out").click();
    await signIn(page, cashierPin);
    await page.getByRole("link", { name: "Sell" }).click();
    await scan(page, "7612345000022");
    await expect.poll(total).toBe("CHF 2.60");
    await button("More for Gipfeli").click();
    await page.getByText("A manager may.").last().waitFor();
    expect(await button(/^Give away/).isDisabled()).toBe(true);
    await page.keyboard.press("Escape");
    await button("Clear").click();
  });
});

/** Spaces of any kind and number are one. */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

async function stock(till: LoneTill): Promise<void> {
  await till.publish("taxes", { taxes: [{ taxCode: "std", name: "VAT", ratePercent: "8.1" }] });
  const article = { taxCode: "std", unit: "each" };
  const latte = { ...article, sku: "LATTE", name: "Latte", department: "Coffee" };
  const gipfeli = { ...article, sku: "GIPFELI", name: "Gipfeli", department: "Bakery" };
  await till.publish("catalogue", {
    products: [
      { ...latte, barcodes: ["7612345000015"] },
      { ...gipfeli, barcodes: ["7612345000022"] },
    ],
  });
  await till.publish("prices", {
    prices: [
      { sku: "LATTE", price: chf(520) },
      { sku: "GIPFELI", price: chf(260) },
    ],
  });
  await till.publish("promotions", { promotions });
  await till.publish("policy", {
    policy: { name: "Swiss", cashRounding: { stepMinor: 5, mode: "half-up" } },
  });
  await till.publish("staff", { staff: [{ name: "Cal", role: "cashier", pin: cashierPin }] });
}

const coffee = { departments: ["Coffee"] };
const bakery = { departments: ["Bakery"] };
const promotions = [
  {
    id: "three",
    name: "3 for 2",
    rule: { kind: "x-for-y", items: coffee, quantity: 3, payFor: 2 },
  },
  {
    id: "welcome",
    name: "Welcome",
    coupon: "WELCOME",
    rule: { kind: "percent", items: bakery, percentBp: 1000 },
  },
  {
    id: "later",
    name: "Next century",
    effectiveFrom: "2100-01-01",
    rule: { kind: "percent", items: bakery, percentBp: 9000 },
  },
  {
    id: "before",
    name: "Long ago",
    effectiveTo: "2001-12-31",
    rule: { kind: "percent", items: bakery, percentBp: 9000 },
  },
];

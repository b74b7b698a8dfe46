import {
  createFakeAeat,
  serveAuthority,
  type AuthorityServer,
  type FakeAeat,
} from "@tillmesh/fiscal-queue/testing";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openBrowser, openPage, signIn, tooWide } from "./browser.ts";
import {
  codeIn,
  hasZbar,
  mm,
  newestSale,
  openShift,
  plain,
  sellLatte,
  stock,
} from "./fiscal-shop.ts";
import { openLoneTill, type LoneTill } from "./shop.ts";

const isMissing = chromiumPath === undefined;

describe.skipIf(isMissing)("documents on their way to an authority", () => {
  let browser: Browser;
  let aeat: FakeAeat;
  let server: AuthorityServer;
  let till: LoneTill;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    aeat = createFakeAeat({ nowMs: Date.now });
    aeat.setWait(1);
    server = await serveAuthority(aeat.authority);
    const place = { currency: "EUR", timeZone: "Europe/Madrid", regime: "es-verifactu" };
    [browser, till] = await Promise.all([
      openBrowser(),
      openLoneTill({ ...place, authority: server.baseUrl }),
    ]);
    await stock(till, { currency: "EUR", ratePercent: "21" });
    page = await openPage(browser, { url: till.url, faults });
    await signIn(page, till.pin);
    await openShift(page, "EUR");
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await till?.close();
    await server?.close();
  });

  afterEach(() => expect(faults.splice(0)).toEqual([]));

  const button = (name: string | RegExp) => page.getByRole("button", { name });
  const card = () => page.getByRole("region", { name: "Delivery" });
  const told = async () => plain(await card().innerText());
  const row = (number: string) => page.getByRole("row", { name: number });
  const sell = async () => {
    await sellLatte(page);
    await page.getByRole("link", { name: "Fiscal", exact: true }).click();
    return newestSale(till);
  };

  test("the code stands before what was sold, under its caption, as large as the law asks", async () => {
    await sellLatte(page);
    const paper = page.locator("article.receipt");
    const text = plain(await paper.innerText());
    expect(text.indexOf("QR tributario:")).toBeLessThan(text.indexOf("Latte"));
    const { width = 0 } = (await paper.locator(".qr-code").boundingBox()) ?? {};
    expect(width).toBeGreaterThan(mm(30));
    if (hasZbar) expect(await codeIn(paper)).toMatch(/^https:.*[?]nif=89890001K&numserie=/);
  });

  test("what the authority has taken is counted, without a reload", async () => {
    await page.getByRole("link", { name: "Fiscal", exact: true }).click();
    await expect.poll(told).toContain("Waiting 0 Accepted 1");
    await page.getByText("Documents to look at").waitFor();
  });

  test("a rejected document is shown with the authority's words, and sent again", async () => {
    aeat.authority.script({ type: "reject-one", index: 0, code: "1189", detail: "Sin destino" });
    const { receiptNumber } = await sell();
    await row(receiptNumber).getByText("1189: Sin destino").waitFor();
    await expect.poll(told).toContain("Rejected 1");
    expect(await tooWide(page)).toEqual([]);
    await button(`Send ${receiptNumber} again`).click();
    await row(receiptNumber).waitFor({ state: "detached" });
    await expect.poll(told).toContain("Waiting 0 Accepted 2");
    expect(aeat.accepted().at(-1)?.invoice).toContain(receiptNumber);
  });

  test("another one is put right by a new document", async () => {
    aeat.authority.script({ type: "reject-one", index: 0, code: "1100", detail: "Valor" });
    const { receiptNumber } = await sell();
    await button(`Put ${receiptNumber} right`).click();
    await expect.poll(told).toContain("Put right by a new one 1");
    await row(receiptNumber).waitFor({ state: "detached" });
    await expect.poll(told).toContain("Waiting 0 Accepted 3");
  });

  test("one under whose number somebody else sent another is a conflict; a phone shows it whole", async () => {
    const { receiptNumber: before } = await newestSale(till);
    somebodySends(aeat, numberAfter(before));
    const { receiptNumber } = await sell();
    await row(receiptNumber).getByText("conflict", { exact: true }).waitFor();
    await row(receiptNumber).getByText("Another document was sent under this number").waitFor();
    await expect.poll(told).toContain("Parked 1");
    await page.setViewportSize({ width: 360, height: 768 });
    expect(await tooWide(page)).toEqual([]);
    await page.setViewportSize({ width: 1024, height: 768 });
  });

  test("delivery that is paused says why, while selling goes on, and goes on when told", async () => {
    await expect.poll(told).toContain("Waiting 0");
    aeat.authority.script({ type: "error", status: 403, isStored: false });
    await sell();
    await expect.poll(told).toContain("does not accept this certificate");
    await sell();
    await expect.poll(told).toContain("Waiting 2");
    await button("Go on sending").click();
    await expect.poll(told).toContain("Waiting 0");
    await expect.poll(told).not.toContain("paused");
  });
});

/** Under a number of this taxpayer that its till has still to use: as a copy of the till would. */
function somebodySends(aeat: FakeAeat, number: string): void {
  const last = aeat.accepted().findLast(({ operation }) => operation === "Alta")!;
  const invoice = last.invoice.replace(last.number, number);
  const record = { id: invoice, invoice, number, hash: "F".repeat(64), chain: "of a copy" };
  aeat.authority.books.judge({ ...last, ...record }, Date.now());
}

function numberAfter(receiptNumber: string): string {
  return receiptNumber.replace(/\d+$/, (digits) =>
    String(Number(digits) + 1).padStart(digits.length, "0"),
  );
}

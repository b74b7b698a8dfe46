import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openBrowser, openPage, scan, signIn } from "./browser.ts";
import { openShop, type Shop } from "./shop.ts";

const isMissing = chromiumPath === undefined;
if (isMissing) {
  process.stderr.write("The pages are NOT tested in a browser: this machine has no Chromium.\n");
}

interface Sales {
  readonly items: readonly { readonly receiptNumber: string; readonly total: { minor: number } }[];
}

// One shop for the file: each test goes on from where the one before it left the day.
describe.skipIf(isMissing)("the pages in a browser (skipped without Chromium)", () => {
  let browser: Browser;
  let shop: Shop;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    [browser, shop] = await Promise.all([openBrowser(), openShop()]);
    page = await openPage(browser, { url: shop.till1.url, faults });
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await shop?.close();
  });

  afterEach(() => expect(faults.splice(0)).toEqual([]));

  const total = () => page.getByTestId("total");
  const button = (name: string | RegExp) => page.getByRole("button", { name });
  const salesOf = async (till = shop.till1) => (await till.get<Sales>("/sales")).items;
  const onHand = async (sku: string) => {
    const stock = await shop.till1.get<{ locations: { onHand: string }[] }>(`/stock/${sku}`);
    return stock.locations[0]?.onHand;
  };

  test("a wrong PIN is refused in a sentence, the right one opens the till", async () => {
    await button("1").click();
    for (let times = 0; times < 3; times += 1) await button("2").click();
    await button("Sign in").click();
    await page.getByText("That PIN is not known").waitFor();
    await signIn(page, shop.pin);
    await page.getByText("Manager", { exact: true }).waitFor();
  });

  test("a shift opens with its float", async () => {
    await page.getByLabel("Float in GBP").fill("50");
    await button("Open shift").click();
    await button(/^Flat white/).waitFor();
  });

  test("scans add lines, wherever the focus is; taps and searches too", async () => {
    await scan(page, "5012345000017");
    await button("Clear").waitFor();
    await page.getByRole("link", { name: "Sell" }).focus();
    await scan(page, "5012345000017");
    await page.getByLabel("Quantity of Flat white: 2").waitFor();
    await page.getByPlaceholder(/Scan a barcode/).fill("bun");
    await button(/^Cinnamon bun £3.20/).click();
    await page.getByText("Cinnamon bun").nth(1).waitFor();
    await expect.poll(() => total().textContent()).toBe("£10.60");
    expect(await page.getByText("VAT 20 %").isVisible()).toBe(true);
  });

  test("what is typed goes to the search field, whatever was tapped before", async () => {
    await page.keyboard.type("moch", { delay: 90 });
    expect(await page.getByPlaceholder(/Scan a barcode/).inputValue()).toBe("moch");
    await scan(page, "5012345000017");
    await page.getByLabel("Quantity of Flat white: 3").waitFor();
    expect(await page.getByPlaceholder(/Scan a barcode/).inputValue()).toBe("moch");
    await page.getByPlaceholder(/Scan a barcode/).fill("");
    await page.getByLabel("One less Flat white").click();
    await expect.poll(() => total().textContent()).toBe("£10.60");
  });

  test("a code that nobody knows is said, and changes nothing", async () => {
    await scan(page, "999999999");
    await page.getByText("No product here has the code 999999999.").waitFor();
    expect(await total().textContent()).toBe("£10.60");
  });

  test("a reload keeps the basket", async () => {
    await page.reload();
    await expect.poll(() => total().textContent()).toBe("£10.60");
    await page.getByLabel("Quantity of Flat white: 2").waitFor();
  });

  test("cash is taken, the change is large, the receipt is the service's", async () => {
    await button(/^Pay £10.60/).click();
    await button("£20.00").click();
    await page.getByRole("heading", { name: "Change due" }).waitFor();
    expect(await page.locator(".change-due").textContent()).toBe("£9.40");
    const [sale] = await salesOf();
    expect(sale?.total.minor).toBe(1060);
    const receipt = page.getByRole("article", { name: `Receipt ${sale?.receiptNumber}` });
    const text = (await receipt.innerText()).replaceAll(/\s+/g, " ");
    for (const part of ["Harbour Coffee", "2 × £3.70", "£7.40", "VAT 20 %", "£1.23", "Manager"]) {
      expect(text).toContain(part);
    }
  });

  test("the receipt says when another till has the sale as well", async () => {
    await page.getByText("Also on Till 2").waitFor();
  });

  test("the next scan begins a new sale; a double click rings it up once", async () => {
    await scan(page, "5012345000024");
    await expect.poll(() => total().textContent()).toBe("£4.10");
    await button(/^Pay £4.10/).click();
    await button(/^Exact £4.10/).dblclick();
    await page.getByRole("heading", { name: "No change due" }).waitFor();
    expect(await salesOf()).toHaveLength(2);
  });

  test("an answer that is lost is asked for again, with the same key", async () => {
    const keys: (string | undefined)[] = [];
    await page.route("**/api/v1/sales", async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      keys.push((await route.request().headerValue("idempotency-key")) ?? undefined);
      await route.fetch();
      return keys.length < 3 ? route.abort() : route.continue();
    });
    await scan(page, "5012345000024");
    await button(/^Pay £4.10/).click();
    await button(/^Exact £4.10/).click();
    await page.getByText("Waiting for an answer").waitFor();
    await page.getByRole("heading", { name: "No change due" }).waitFor();
    await page.unroute("**/api/v1/sales");
    expect(new Set(keys).size).toBe(1);
    expect(await salesOf()).toHaveLength(3);
  });

  test("a sale without an answer outlives a reload, and is settled before anything else", async () => {
    await page.route("**/api/v1/sales", async (route) => {
      await route.fetch();
      await route.abort();
    });
    await scan(page, "5012345000024");
    await button(/^Pay £4.10/).click();
    await button(/^Exact £4.10/).click();
    await page.getByText("Waiting for an answer").waitFor();
    await page.unroute("**/api/v1/sales");
    await page.reload();
    await page.getByRole("heading", { name: "No change due" }).waitFor();
    expect(await salesOf()).toHaveLength(4);
    await page.reload();
    await page.getByText("Scan or tap a product to begin.").waitFor();
    expect(await salesOf()).toHaveLength(4);
  });

  test("a second page of the browser has a basket of its own", async () => {
    await scan(page, "5012345000024");
    await expect.poll(() => total().textContent()).toBe("£4.10");
    const other = await page.context().newPage();
    await other.goto(shop.till1.url);
    await signIn(other, shop.pin);
    await other.getByText("Scan or tap a product to begin.").waitFor();
    await other.close();
    await button("Clear").click();
    await button("Undo").click();
    await expect.poll(() => total().textContent()).toBe("£4.10");
    await button("Clear").click();
  });

  test("weighed goods ask for their weight", async () => {
    await scan(page, "5012345000048");
    await page.getByLabel("Quantity in kg").fill("0.25");
    await button("Take").click();
    await expect.poll(() => total().textContent()).toBe("£6.00");
    await button("Clear").click();
  });

  test("a sale is found by its receipt number and given back in part", async () => {
    const first = (await salesOf()).at(-1);
    await page.getByRole("link", { name: "Sales" }).click();
    await page.getByLabel("Receipt number").fill(first?.receiptNumber ?? "");
    await button("Find").click();
    await button("Give back …").click();
    await page.getByLabel("Give back of Flat white").fill("1");
    await page.getByLabel("Reason").fill("Spilt");
    await button("Give back chosen lines").click();
    await page.locator(".receipt").filter({ hasText: "Reason: Spilt" }).first().waitFor();
    await expect.poll(() => onHand("FLAT")).toBe("39");
  });

  test("stock on the other till follows while it is looked at", async () => {
    const other = await openPage(browser, { url: shop.till2.url, faults });
    await signIn(other, shop.pin);
    await other.getByRole("link", { name: "Stock" }).click();
    const level = other.getByRole("row", { name: /Cinnamon bun/ }).locator(".level");
    await expect.poll(() => level.textContent()).toBe("0");
    await page.getByRole("link", { name: "Sell" }).click();
    await scan(page, "5012345000031");
    await button(/^Pay £3.20/).click();
    await button(/^Exact/).click();
    await expect.poll(() => level.textContent(), { timeout: 10_000 }).toBe("−1oversold");
    await other.context().close();
  });

  test("a new price reaches the basket that is open", async () => {
    await scan(page, "5012345000024");
    await expect.poll(() => total().textContent()).toBe("£4.10");
    await page.getByRole("link", { name: "Products" }).click();
    await button("Price of Mocha").click();
    await page.getByLabel("Price in GBP").fill("4.30");
    await button("Publish price").click();
    await page.getByText("Price £4.30 for Mocha is published.").waitFor();
    await page.getByRole("link", { name: "Sell" }).click();
    await expect.poll(() => total().textContent()).toBe("£4.30");
    await button("Clear").click();
  });

  test("goods are received and counted", async () => {
    await page.getByRole("link", { name: "Stock" }).click();
    await button("Move Cinnamon bun").click();
    await page.getByLabel("Quantity").fill("12");
    await button("Record").click();
    await expect.poll(() => onHand("BUN")).toBe("11");
    await page.getByRole("link", { name: "Stock count" }).click();
    await button("Open count").click();
    await page.getByLabel("Scan or search").waitFor();
    await scan(page, "5012345000031");
    await page.getByLabel("Counted (each)").fill("9");
    await button("Record").click();
    await page.getByRole("listitem").filter({ hasText: "Cinnamon bun" }).waitFor();
    await expect.poll(() => onHand("BUN")).toBe("9");
    await button("Close count").click();
    await page.getByText("The count is closed.").waitFor();
  });

  test("the shift closes blind, the day with its Z", async () => {
    await page.getByRole("link", { name: "Shift" }).click();
    await button("Close shift …").click();
    expect(await page.getByText("Expected").count()).toBe(0);
    await page.getByLabel("Counted in GBP").fill("70");
    await page.getByRole("dialog").getByRole("button", { name: "Close shift" }).click();
    await page.getByText("Expected").waitFor();
    expect(await page.locator(".differs dd").textContent()).toBe("-£2.40");
    await button("Close day").click();
    await page.getByRole("heading", { name: "Z 1" }).waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  });

  test("nothing is wider than a phone, light or dark", async () => {
    const phone = await openPage(browser, {
      url: shop.till1.url,
      faults,
      width: 360,
      colorScheme: "dark",
    });
    await signIn(phone, shop.pin);
    for (const name of ["Sell", "Sales", "Shift", "Stock", "Products", "Sync"]) {
      await phone.getByRole("link", { name, exact: true }).click();
      const wide = await phone.evaluate(() => document.documentElement.scrollWidth);
      expect([name, wide]).toEqual([name, 360]);
    }
    await phone.context().close();
  });

  test("headquarters invites a device: a code to scan and a line to type", async () => {
    await page.setViewportSize({ width: 1024, height: 768 });
    await page.getByRole("link", { name: "Devices" }).click();
    await page.getByRole("cell", { name: /^Till 2/ }).waitFor();
    await button("Invite a device …").click();
    await page.getByLabel("Name of the device").fill("Till 9");
    await button("Make the invitation").click();
    const code = page.getByRole("img", { name: "Invitation for Till 9 to scan" });
    await code.waitFor();
    expect(await code.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
    expect(await page.getByLabel("Invitation as text").inputValue()).toMatch(/^\S{100,}$/);
    await page.keyboard.press("Escape");
    await page.getByRole("cell", { name: /^Till 9/ }).waitFor();
  });

  test("a device is revoked only by whoever types its name", async () => {
    const row = page.getByRole("row", { name: /Till 2/ });
    await row.getByRole("button", { name: "Revoke …" }).click();
    expect(await button("Revoke for good").isDisabled()).toBe(true);
    await page.getByLabel("Type Till 2 to confirm").fill("Till 2");
    await button("Revoke for good").click();
    await row.getByText("revoked", { exact: true }).waitFor();
  });

  test("signing out forgets the session, not the basket", async () => {
    await page.getByRole("link", { name: "Sell" }).click();
    await button("Sign out").click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await page.evaluate(() => sessionStorage.getItem("tillmesh/session"))).toBeNull();
    await signIn(page, shop.pin);
  });

  test("a service that does not answer is said in a banner, with what is kept", async () => {
    await shop.till1.kill();
    await page.getByText("The till’s service does not answer").waitFor();
    await page.getByRole("link", { name: "No service" }).waitFor();
  });
});

/**
 * What the tests of fiscal receipts have in common: one article, a sale of it, and the code on its receipt.
 *
 * @module
 */

import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Locator, Page } from "playwright-core";
import { scan } from "./browser.ts";
import type { LoneTill } from "./shop.ts";

export const hasZbar: boolean = spawnSync("zbarimg", ["--version"]).status === 0;

export interface Sale {
  readonly saleId: string;
  readonly receiptNumber: string;
  readonly fiscal: {
    readonly lines: readonly string[];
    readonly qr: { readonly text: string };
    readonly ocr: string;
    readonly isDegraded: boolean;
  };
}

export async function newestSale(till: LoneTill): Promise<Sale> {
  const { items } = await till.get<{ readonly items: readonly Sale[] }>("/sales");
  return items[0]!;
}

export const barcode: string = "7612345000015";

export async function stock(
  till: LoneTill,
  { currency, ratePercent }: { readonly currency: string; readonly ratePercent: string },
): Promise<void> {
  await till.publish("taxes", { taxes: [{ taxCode: "std", name: "VAT", ratePercent }] });
  const latte = { sku: "LATTE", name: "Latte", department: "Coffee", unit: "each" };
  await till.publish("catalogue", {
    products: [{ ...latte, taxCode: "std", barcodes: [barcode] }],
  });
  await till.publish("prices", { prices: [{ sku: "LATTE", price: { minor: 520, currency } }] });
}

export async function openShift(page: Page, currency: string): Promise<void> {
  await page.getByRole("link", { name: "Sell", exact: true }).click();
  await page.getByLabel(`Float in ${currency}`).fill("50");
  await page.getByRole("button", { name: "Open shift" }).click();
  await page.getByRole("button", { name: /^Latte/ }).waitFor();
}

export async function sellLatte(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Sell", exact: true }).click();
  await page.getByRole("button", { name: /^Latte/ }).waitFor();
  await scan(page, barcode);
  await page.getByRole("button", { name: /^Pay/ }).click();
  await page.getByRole("button", { name: /^Exact/ }).click();
  await page.getByRole("heading", { name: "No change due" }).waitFor();
}

/** What a reader finds on a picture of it. */
export async function codeIn(paper: Locator): Promise<string> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "tillmesh-code-"));
  const file = path.join(directory, "receipt.png");
  await paper.screenshot({ path: file });
  const read = execFileSync("zbarimg", ["--quiet", "--raw", file], {
    encoding: "utf8",
    // It looks for a desktop to tell, and complains.
    stdio: ["ignore", "pipe", "ignore"],
  });
  fs.rmSync(directory, { recursive: true });
  return read.trim();
}

export function mm(millimetres: number): number {
  return (millimetres * 96) / 25.4;
}

/** Spaces of any kind and number are one. */
export function plain(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

/**
 * The browser that the page tests drive: the machine's own Chromium, if it has one.
 *
 * @module
 */

import fs from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";

export const chromiumPath: string | undefined = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((file) => fs.existsSync(file));

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath ?? "",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export interface OpenPageOptions {
  readonly url: string;
  readonly faults: string[];
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
}

/** A page of its own, as a browser started afresh; whatever it complains about is collected. */
export async function openPage(browser: Browser, options: OpenPageOptions): Promise<Page> {
  const { url, faults, width = 1024, colorScheme = "light" } = options;
  const context = await browser.newContext({ viewport: { width, height: 768 }, colorScheme });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    // A refused connection is logged by the browser itself, and expected where a test causes it.
    const isOwn = message.type() === "error" && !/Failed to load resource/.test(message.text());
    if (isOwn) faults.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) faults.push(`asked for ${request.url()}`);
  });
  await page.goto(url);
  return page;
}

export async function signIn(page: Page, pin: string): Promise<void> {
  for (const digit of pin) await page.getByRole("button", { name: digit, exact: true }).click();
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
}

/** What has to be scrolled to the side: the page, its main part, a dialog. */
export function tooWide(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("html, main, dialog")]
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map(({ tagName, scrollWidth, clientWidth }) => `${tagName}: ${scrollWidth}, ${clientWidth}`),
  );
}

/**
 * As a keyboard-wedge scanner does it: a burst of keys, then Enter. The keys carry their moments, so
 * that a busy machine does not turn a scanner into a person.
 */
export async function scan(page: Page, barcode: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const startS = Date.now() / 1000;
  const keys = Array.from(barcode, (key) => ({ key, text: key }));
  const sent = [...keys, { key: "Enter", text: "\r" }].flatMap(({ key, text }, index) => {
    const timestamp = startS + index * 0.008;
    return [
      session.send("Input.dispatchKeyEvent", { type: "keyDown", key, text, timestamp }),
      session.send("Input.dispatchKeyEvent", { type: "keyUp", key, timestamp }),
    ];
  });
  await Promise.all(sent);
  await session.detach();
}

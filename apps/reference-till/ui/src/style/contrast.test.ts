import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";

// WCAG 2.2, 1.4.3 and 1.4.11: text 4.5 : 1, the edges of controls 3 : 1.

const css = fs.readFileSync(path.join(import.meta.dirname, "base.css"), "utf8");
const [light = "", dark = ""] = css.split("@media (prefers-color-scheme: dark)");

const textPairs = [
  ["text", "ground"],
  ["text", "surface"],
  ["text", "sunken"],
  ["text", "accent-soft"],
  ["muted", "ground"],
  ["muted", "surface"],
  ["muted", "sunken"],
  ["accent", "surface"],
  ["accent", "ground"],
  ["on-accent", "accent"],
  ["on-accent", "accent-strong"],
  ["on-accent-soft", "accent-soft"],
  ["on-bad-soft", "bad-soft"],
  ["bad", "surface"],
  ["on-warn-soft", "warn-soft"],
] as const;

describe.each([
  ["light", coloursOf(light)],
  ["dark", { ...coloursOf(light), ...coloursOf(dark) }],
] as const)("contrast in %s", (_, colours) => {
  test.each(textPairs)("%s on %s", (text, ground) => {
    expect(contrast(colours[text] ?? "", colours[ground] ?? "")).toBeGreaterThanOrEqual(4.5);
  });

  test.each(["surface", "ground"])("edges of controls on %s", (ground) => {
    expect(contrast(colours["edge"] ?? "", colours[ground] ?? "")).toBeGreaterThanOrEqual(3);
  });
});

function coloursOf(text: string): Readonly<Record<string, string>> {
  const found = text.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g);
  return Object.fromEntries(Array.from(found, ([, name, colour]) => [name ?? "", colour ?? ""]));
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

import { describe, expect, test } from "vitest";
import type { Summary } from "../replica/summary.ts";
import { addNews, isTooMuch, newsIn, nothingTold, toldMax } from "./told.ts";

const hash = (digit: string) => digit.repeat(64);
const summary = (sequence: number, heads: readonly string[]): Summary => ({
  device: "dev_a",
  ledgers: [
    { device: "dev_a", incarnation: 1, sequence, hash: hash(String(sequence)) },
    { device: "dev_b", incarnation: 1, sequence: 4, hash: hash("4") },
  ],
  documents: [
    { name: "ledger/dev_a/1/1", heads },
    { name: "publications/prices/1", heads: [hash("f")] },
  ],
});

describe("told (TO)", () => {
  test("[TO1] to somebody who was told nothing it says all, then only what changed, then nothing", () => {
    const told = nothingTold();
    expect(newsIn(told, summary(1, [hash("1")]))).toEqual(summary(1, [hash("1")]));
    const next = newsIn(told, summary(2, [hash("2")]));
    expect(next.ledgers.map(({ device }) => device)).toEqual(["dev_a"]);
    expect(next.documents.map(({ name }) => name)).toEqual(["ledger/dev_a/1/1"]);
    expect(newsIn(told, summary(2, [hash("2")]))).toMatchObject({ ledgers: [], documents: [] });
  });

  test("[TO3] a peer that names ever new documents is noticed", () => {
    const told = nothingTold();
    const documents = Array.from({ length: toldMax }, (_, n) => ({
      name: `publications/prices/${n + 1}`,
      heads: [],
    }));
    addNews(told, { device: "dev_a", ledgers: [], documents });
    expect(isTooMuch(told)).toBe(false);
    addNews(told, { ...summary(1, []), ledgers: [] });
    expect(isTooMuch(told)).toBe(true);
  });

  test("[TO2] the other end puts the news together to the same summary", () => {
    const [here, there] = [nothingTold(), nothingTold()];
    addNews(there, newsIn(here, summary(1, [hash("1")])));
    const whole = addNews(there, newsIn(here, summary(2, [hash("2"), hash("3")])));
    expect(whole).toEqual(summary(2, [hash("2"), hash("3")]));
  });
});

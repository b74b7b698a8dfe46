import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  factCrypto,
  factKeys,
  factMovement,
  factPart,
  receivedPart,
  signedEntry,
  writePart,
} from "../testing/signed-facts.ts";
import { partEntriesMax } from "./ledger-branch.ts";
import { admitEntryChange, emptyPart } from "./ledger-part.ts";
import {
  isContainedIn,
  readKeptText,
  readSealedText,
  sealedText,
  textHash,
} from "./sealed-part.ts";

const writer = writePart(emptyPart(factPart));
for (let n = 0; n < 5; n += 1) writer.append({ movements: [factMovement("A", n)] });
const { part } = writer;
const text = sealedText(part.nodes.at(-1)!);

function read(sealed: string, name = factPart) {
  return readSealedText(name, sealed, factCrypto);
}

describe("sealed parts (SP)", () => {
  test("[SP2] the text gives back every entry, in order", () => {
    expect(read(text)).toEqual({ ok: true, value: part.nodes.map(({ signed }) => signed) });
    expect(textHash(text, factCrypto)).toMatch(/^[0-9a-f]{64}$/);
  });

  test("[SP2] a text that was checked before gives back the same at less cost", () => {
    expect(readKeptText(text, factCrypto)).toEqual(part.nodes.map(({ signed }) => signed));
  });

  const lines = text.split("\n");
  test.each([
    ["nothing", "", "NotSignedText"],
    ["the first entry missing", lines.slice(1).join("\n"), "SealedChain"],
    ["one in the middle missing", lines.toSpliced(2, 1).join("\n"), "SealedChain"],
    ["two in another order", [...lines.slice(0, 3), lines[4], lines[3]].join("\n"), "SealedChain"],
    ["one twice", [...lines, lines[4]].join("\n"), "SealedChain"],
    ["a newline at the end", `${text}\n`, "NotSignedText"],
    ["a member changed", text.replace(`"v":1`, `"v":2`), "EntryFormat"],
    ["a space", text.replace(`"v":1`, `"v": 1`), "NotCanonical"],
  ])("[SP3] refused: %s", (_, sealed, type) => {
    expect(read(sealed)).toMatchObject({ ok: false, error: { type } });
  });

  test("[SP3] refused: another part's text, and an entry that was signed but never stood there", () => {
    expect(read(text, { ...factPart, part: 2 })).toMatchObject({ error: { type: "SealedChain" } });
    const alien = signedEntry(writer.next().fact, factKeys.other);
    expect(read(`${text}\n${alien.text}`).ok).toBe(true);
    const loose = signedEntry({ ...writer.next().fact, previous: "0".repeat(64) });
    expect(read(`${text}\n${loose.text}`)).toMatchObject({ error: { type: "SealedChain" } });
  });

  test("[SP4] refused: more entries than a part holds", () => {
    const long = writePart(emptyPart(factPart));
    for (let n = 0; n < partEntriesMax; n += 1) long.append();
    const full = sealedText(long.part.nodes.at(-1)!);
    expect(read(full).ok).toBe(true);
    expect(read(`${full}\n${long.next().text}`)).toMatchObject({ error: { type: "SealedChain" } });
  });

  test("[SP5] a document is done with only when the text holds all of its branches", () => {
    const sealed = part.nodes.map(({ signed }) => signed);
    expect(isContainedIn(part, sealed)).toBe(true);
    const forked = receivedPart(part);
    const shorter = emptyPart(factPart);
    for (const { change } of part.nodes.slice(0, 3)) {
      admitEntryChange(shorter, change.bytes, { crypto: factCrypto, publicKey: undefined });
    }
    const clone = writePart(shorter, "cccccccccccccccc").append();
    admitEntryChange(forked, clone.change.bytes, { crypto: factCrypto, publicKey: undefined });
    expect(forked.branches).toHaveLength(2);
    expect(isContainedIn(forked, sealed)).toBe(false);
  });

  test("[SP6] no text makes reading throw, and one changed character is refused or has another hash", () => {
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.string({ minLength: 1, maxLength: 1 }),
        (at, char) => {
          const changed = text.slice(0, at) + char + text.slice(at + 1);
          const isSame = changed === text;
          read(changed);
          expect(textHash(changed, factCrypto) === textHash(text, factCrypto)).toBe(isSame);
        },
      ),
    );
    fc.assert(fc.property(fc.string({ unit: "binary" }), (any) => void read(any)));
  });
});

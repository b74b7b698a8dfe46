import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPaper, writePaper } from "./paper.ts";
import { openSealed, sealBytes } from "./sealed-bytes.ts";
import { sampleContext } from "./testing/sample-identity.ts";

const { crypto } = sampleContext(8);

describe("laws of a recovery kit (RK)", () => {
  test("[RK4] what is printed is read back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(readPaper(writePaper(bytes, crypto), crypto)).toEqual({ ok: true, value: bytes });
      }),
    );
  });

  test("[RK4] one wrong character, or two exchanged, is told", () => {
    const bytes = fc.uint8Array({ minLength: 30, maxLength: 120 });
    const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".split("");
    fc.assert(
      fc.property(bytes, fc.nat(), fc.constantFrom(...alphabet), (content, position, character) => {
        const text = writePaper(content, crypto);
        const places = [...text.matchAll(/(?<=^.{5,})\w/gm)].map(({ index }) => index);
        const at = places[position % places.length]!;
        const next = places[(position + 1) % places.length]!;
        const replaced = text.slice(0, at) + character + text.slice(at + 1);
        const exchanged = text.split("");
        [exchanged[at], exchanged[next]] = [text[next]!, text[at]!];
        for (const changed of [replaced, exchanged.join("")]) {
          if (changed !== text) expect(readPaper(changed, crypto).ok).toBe(false);
        }
      }),
    );
  });

  test("[RK4] any text is answered", () => {
    const line = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[0-9]{3} {2}[0-9A-Z ]{0,60}$/),
      fc.constant("SUM  00000"),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const result = readPaper(lines.join("\n"), crypto);
        expect(result.ok).toBe(false);
      }),
    );
  });

  test("[RK3] any bytes are answered, and no costly work is done for them", async () => {
    const head = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(head, fc.uint8Array({ maxLength: 80 }), async (parameters, rest) => {
        const [version, costLog2, r, p] = parameters;
        fc.pre(version !== 1 || costLog2 < 15 || costLog2 > 18 || r !== 8 || p !== 1);
        for (const bytes of [rest, [0x54, 0x4d, 0x4b, ...parameters, ...rest]]) {
          const opened = await openSealed(Uint8Array.from(bytes), "", neverDerived);
          expect(opened.ok).toBe(false);
        }
      }),
    );
  });

  test("[RK3] parameters are authenticated, also where the key would be the same", async () => {
    const context = { crypto, deriveKey: alwaysOneKey };
    const options = { passphrase: "", costLog2: 15 };
    const sealed = await sealBytes(new Uint8Array(9), options, context);
    expect((await openSealed(sealed, "", alwaysOneKey)).ok).toBe(true);
    for (const changed of [sealed.with(4, 16), sealed.with(7, sealed[7]! ^ 1)]) {
      const opened = await openSealed(changed, "", alwaysOneKey);
      expect(opened).toEqual({ ok: false, error: { type: "WrongPassphrase" } });
    }
  });
});

function alwaysOneKey(): Promise<Uint8Array> {
  return Promise.resolve(new Uint8Array(32));
}

function neverDerived(): Promise<Uint8Array> {
  return Promise.reject(new Error("derived"));
}

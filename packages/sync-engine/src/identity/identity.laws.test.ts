import type { Json } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { acceptInvitation } from "./accept-invitation.ts";
import { writeEnvelope } from "./envelope.ts";
import { caOf, type Identity } from "./identity.ts";
import { createInvitation, parseInvitation } from "./invitation.ts";
import { decodeBase64, encodeBase64, fromPem, splitPem, toPem } from "./pem.ts";
import { partsToSubject, subjectToParts } from "./subject.ts";
import { sampleContext, sampleIdentity, secondDevice, valueOf } from "./testing/sample-identity.ts";
import { verifyChain } from "./verify-chain.ts";

const context = sampleContext(4);
const { crypto } = context;
const format = { format: "tillmesh-invitation", version: 1, sizeMaxBytes: 65_536 };
let first: Identity;
let chain: readonly string[];
let text: string;

beforeAll(async () => {
  first = await sampleIdentity(context);
  const request = {
    organisation: first.organisation,
    device: secondDevice(context, first.device),
    lan: [{ host: "till.local", port: 7001 }],
    publications: ["a", "b"],
  };
  text = valueOf(await createInvitation(caOf(first)!, request, context));
  ({ chain } = valueOf(await acceptInvitation(text, context)).identity);
});

const splice = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.nat({ max: 40 }),
  bytes: fc.uint8Array({ maxLength: 40 }),
});

function spliced(
  whole: Uint8Array,
  { at, removed, bytes }: typeof splice extends fc.Arbitrary<infer T> ? T : never,
): Uint8Array {
  const start = Math.floor(at * whole.length);
  return Uint8Array.from([...whole.slice(0, start), ...bytes, ...whole.slice(start + removed)]);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return encodeBase64(a) === encodeBase64(b);
}

describe("laws of certificates and invitations", () => {
  test("[CE12] chains of any texts are answered, and none is accepted", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 4 }), (texts) => {
        const trust = { caCertificate: first.caCertificate, crypto };
        expect(verifyChain(texts, trust, { ignoreValidity: true }).ok).toBe(false);
      }),
    );
  });

  test("[CE12] certificates with other bytes inside are answered, and none is accepted", () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 }), splice, (position, change) => {
        const all = [...chain, first.caCertificate];
        const der = fromPem("CERTIFICATE", all[position]!)!;
        const changed = spliced(der, change);
        fc.pre(!isSame(der, changed));
        const pems = all.with(position, toPem("CERTIFICATE", changed));
        const trust = { caCertificate: pems[2]!, crypto };
        const result = verifyChain(pems.slice(0, 2), trust, { ignoreValidity: true });
        expect(result.ok).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test("[CE1] names other than those we write are no subject", () => {
    const attribute = fc.constantFrom("O", "L", "CN", "OU", "E");
    const value = fc.constantFrom("till", "hq", "enrolment", "dev_a", "", "a b");
    fc.assert(
      fc.property(fc.array(fc.tuple(attribute, value), { maxLength: 7 }), (parts) => {
        const subject = partsToSubject(parts);
        if (subject !== undefined) expect(subjectToParts(subject)).toEqual(parts);
      }),
      { numRuns: 2_000 },
    );
  });

  test("[CE3] one text for one value in PEM", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 })), (all) => {
        const pems = all.map((der) => toPem("CERTIFICATE", der));
        expect(splitPem(pems.join(""))).toEqual(pems);
        for (const [index, pem] of pems.entries()) {
          expect(fromPem("CERTIFICATE", pem)).toEqual(all[index]);
          expect(fromPem("PRIVATE KEY", pem)).toBeUndefined();
        }
      }),
    );
    fc.assert(
      fc.property(fc.base64String(), fc.string(), (base64, other) => {
        for (const each of [base64, other]) {
          const bytes = decodeBase64(each);
          if (bytes !== undefined) expect(encodeBase64(bytes)).toBe(each);
        }
      }),
    );
  });

  test("[IV8] any text, and any JSON with a right checksum, is answered", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (any) => {
        expect(parseInvitation(any, crypto).ok).toBe(false);
      }),
    );
    const json = fc.jsonValue({ noUnicodeString: false }).filter(isWhole) as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(json, (content) => {
        const result = parseInvitation(writeEnvelope(format, content, crypto), crypto);
        expect(result.ok).toBe(false);
      }),
    );
  });

  test("[IV8] an invitation with any member replaced is answered; it is never accepted for another device", async () => {
    const { content } = JSON.parse(text) as { content: Record<string, Json> };
    const value = fc.oneof(
      fc.constantFrom<Json>(null, "", 0, -1, [], {}, "-----BEGIN CERTIFICATE-----\n"),
      fc.string(),
    );
    const member = fc.constantFrom(...Object.keys(content));
    await fc.assert(
      fc.asyncProperty(member, value, async (name, replaced) => {
        const changed = writeEnvelope(format, { ...content, [name]: replaced }, crypto);
        const result = await acceptInvitation(changed, context);
        const isHint = name === "lan" || name === "publications";
        if (!isHint) expect(result.ok).toBe(false);
      }),
    );
  });

  test("[IV2] a changed character is refused, wherever it is", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: text.length - 1 }),
        fc.constantFrom("x", "0", " ", "\\", '"'),
        async (at, character) => {
          const changed = text.slice(0, at) + character + text.slice(at + 1);
          fc.pre(changed !== text);
          const result = await acceptInvitation(changed, context);
          // White space between members means nothing in JSON.
          if (text[at]?.trim() !== "") expect(result.ok).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Numbers are safe integers by contract. */
function isWhole(value: unknown): boolean {
  if (typeof value === "number") return Number.isSafeInteger(value) && !Object.is(value, -0);
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(isWhole);
}

import type { DeviceId, OrganisationId } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { factCrypto } from "../testing/signed-facts.ts";
import {
  documentKey,
  formatDocumentName,
  parseDocumentName,
  type DocumentName,
} from "./document-name.ts";

const number = fc.integer({ min: 1, max: 999_999_999 });
const name: fc.Arbitrary<DocumentName> = fc.oneof(
  fc.record({
    kind: fc.constant("ledger" as const),
    device: fc.stringMatching(/^[a-z0-9_]{1,64}$/).map((id) => id as DeviceId),
    incarnation: number,
    part: number,
  }),
  fc.record({
    kind: fc.constant("publications" as const),
    topic: fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/),
    epoch: number,
  }),
);
const organisation = "org_1" as OrganisationId;

describe("names of documents (DN)", () => {
  test("[DN1] a name is read back from its text", () => {
    fc.assert(
      fc.property(name, (one) => {
        expect(parseDocumentName(formatDocumentName(one))).toEqual(one);
      }),
    );
  });

  test.each([
    "",
    "ledger",
    "ledger/dev_1/1",
    "ledger/dev_1/1/1/1",
    "ledger/dev_1/0/1",
    "ledger/dev_1/01/1",
    "ledger/dev_1/+1/1",
    "ledger/dev_1/1/1 ",
    "ledger/dev_1/1/1\n",
    "ledger/dev_1/1/1234567890",
    "ledger/Dev_1/1/1",
    "ledger/../1/1",
    `ledger/${"d".repeat(65)}/1/1`,
    "Ledger/dev_1/1/1",
    "publications/prices",
    "publications/prices/0",
    "publications/Prices/1",
    "publications/1prices/1",
    "publications/pri/ces/1",
    `publications/${"p".repeat(33)}/1`,
    "tab/loc_1/1",
  ])("[DN2] %j is no name", (text) => {
    expect(parseDocumentName(text)).toBeUndefined();
  });

  test("[DN2] no text makes reading throw, and what is read is written the same", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^(ledger|publications)\/.*$/)),
        (text) => {
          const read = parseDocumentName(text);
          if (read) expect(formatDocumentName(read)).toBe(text);
        },
      ),
    );
  });

  test("[DN3] an id follows from organisation and name alone", () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        const isSame = formatDocumentName(one) === formatDocumentName(other);
        const key = documentKey(organisation, one, factCrypto);
        expect(key).toMatch(/^[0-9a-f]{32}$/);
        expect(key === documentKey(organisation, other, factCrypto)).toBe(isSame);
        expect(key).not.toBe(documentKey("org_2" as OrganisationId, one, factCrypto));
      }),
    );
  });
});

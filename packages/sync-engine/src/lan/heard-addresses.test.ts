import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createHeardAddresses,
  heardMax,
  heardPerHostMax,
  type HeardAddress,
} from "./heard-addresses.ts";

const nobody = () => false;
const isLinked = ({ host }: HeardAddress) => host === "10.0.0.5";
const at = (host: string, port = 7_001, untilMs = 1_000): HeardAddress => {
  return { host, port, device: `dev_${host}`, untilMs };
};

describe("heard addresses (DS)", () => {
  test("[DS3] what is heard is dialled once, and forgotten when it is not repeated", () => {
    const heard = createHeardAddresses();
    expect(heard.hear(at("10.0.0.1"), nobody).added).toEqual([at("10.0.0.1")]);
    expect(heard.hear(at("10.0.0.1", 7_001, 2_000), nobody).added).toEqual([]);
    expect(heard.expire(1_500, nobody)).toEqual([]);
    expect(heard.expire(2_500, ({ host }) => host === "10.0.0.1")).toEqual([]);
    expect(heard.expire(2_500, nobody)).toHaveLength(1);
    expect(heard.all()).toEqual([]);
  });

  test("[DS3] only the host itself takes an address back", () => {
    const heard = createHeardAddresses();
    heard.hear(at("10.0.0.1"), nobody);
    expect(heard.forget("10.0.0.9", "dev_10.0.0.1")).toEqual([]);
    expect(heard.forget("10.0.0.1", "dev_10.0.0.1")).toEqual([at("10.0.0.1")]);
  });

  test("[DS3] never more than the bound, in all and of one host; what is linked stays; what is new gets in", () => {
    const word = fc.record({ host: fc.nat(90), port: fc.integer({ min: 1, max: 12 }) });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 400 }), (words) => {
        const heard = createHeardAddresses();
        heard.hear(at("10.0.0.5"), isLinked);
        for (const { host, port } of words) {
          const one = at(`10.0.0.${host}`, port);
          heard.hear(one, isLinked);
          const all = heard.all();
          expect(all.length).toBeLessThanOrEqual(heardMax);
          expect(all.filter((other) => other.host === one.host).length).toBeLessThanOrEqual(
            heardPerHostMax,
          );
          expect(all).toContainEqual(at("10.0.0.5"));
          if (one.host !== "10.0.0.5") expect(all).toContainEqual(one);
        }
      }),
    );
  });
});

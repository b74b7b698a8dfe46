/**
 * Frames that are well-formed at first sight: right types with wrong members, right members with wrong values.
 *
 * @module
 */

import { cbor } from "@automerge/automerge-repo";
import { utf8 } from "@tillmesh/kernel";
import * as fc from "fast-check";

export type MadeUp = (seed: number, count: number) => readonly Uint8Array[];

/** What frames may name that is really there. */
export interface Names {
  readonly devices: readonly string[];
  readonly documents: readonly string[];
  readonly documentIds: readonly string[];
}

/** JSON for the exchange. */
export function madeUpExchange(names: Names): MadeUp {
  const members = exchangeMembers(names);
  const types = Object.keys(members).map((type) =>
    fc.record(
      { type: fc.constant(type), ...membersOrJunk(members[type] ?? {}) },
      {
        requiredKeys: ["type"],
      },
    ),
  );
  const text = fc.oneof(
    { weight: 6, arbitrary: fc.oneof(...types).map((message) => JSON.stringify(message)) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 6 }) },
    { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
  );
  return (seed, count) => fc.sample(text, { seed, numRuns: count }).map(utf8);
}

/** CBOR for the live sync. */
export function madeUpSync({ devices, documentIds }: Names): MadeUp {
  const id = fc.oneof(fc.constantFrom(...documentIds), fc.string({ maxLength: 40 }));
  const message = fc.record(
    {
      type: fc.constantFrom(
        "join",
        "peer",
        "sync",
        "request",
        "ephemeral",
        "doc-unavailable",
        "error",
        "remote-heads-changed",
        "remote-subscription-change",
        "leave",
        "later",
      ),
      ...membersOrJunk({
        senderId: fc.constantFrom(...devices),
        targetId: fc.constantFrom(...devices),
        documentId: id,
        data: fc.oneof(fc.uint8Array({ maxLength: 300 }), syncData),
        supportedProtocolVersions: fc.array(fc.string()),
        peerMetadata: fc.record({ storageId: fc.string(), isEphemeral: fc.boolean() }),
        newHeads: fc.dictionary(fc.string(), junk),
        add: fc.array(fc.string()),
        count: fc.nat(),
        sessionId: fc.string(),
      }),
    },
    { requiredKeys: ["type"] },
  );
  const frame = fc.oneof(
    { weight: 6, arbitrary: message.map((one) => cbor.encode(one)) },
    { weight: 1, arbitrary: junk.map((one) => cbor.encode(one)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }) },
  );
  return (seed, count) => fc.sample(frame, { seed, numRuns: count });
}

/** The start of a TLS record, or nothing of the kind. */
export function madeUpTls(): MadeUp {
  const record = fc
    .tuple(
      fc.constantFrom(0x14, 0x15, 0x16, 0x17, 0x18),
      fc.nat(4),
      fc.uint8Array({ maxLength: 600 }),
    )
    .map(([kind, version, body]) =>
      Uint8Array.from([kind, 3, version, body.length >> 8, body.length % 256, ...body]),
    );
  const frame = fc.oneof(record, fc.uint8Array({ maxLength: 700 }));
  return (seed, count) => fc.sample(frame, { seed, numRuns: count });
}

/** Requests of HTTP that ask for something else, or ask oddly. */
export function madeUpUpgrade(link: string): MadeUp {
  const path = fc.oneof(
    fc.constantFrom("/exchange", "/sync/", `/sync/${link}`, "/", "*"),
    fc.webPath(),
  );
  const name = fc.constantFrom(
    "Host",
    "Upgrade",
    "Connection",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Extensions",
    "Sec-WebSocket-Protocol",
    "Content-Length",
    "Transfer-Encoding",
    "Origin",
    "Expect",
  );
  const value = fc.oneof(
    fc.constantFrom(
      "websocket",
      "Upgrade",
      "13",
      "dGhlIHNhbXBsZSBub25jZQ==",
      "permessage-deflate",
      "chunked",
      "100-continue",
    ),
    fc.string({ maxLength: 60 }),
  );
  const request = fc.record({
    method: fc.constantFrom("GET", "GET", "POST", "OPTIONS", "CONNECT", "PRI", "get"),
    path,
    headers: fc.array(fc.tuple(name, value), { maxLength: 10 }),
    rest: fc.string({ maxLength: 40 }),
  });
  const text = request.map(
    ({ method, path: where, headers, rest }) =>
      `${method} ${where} HTTP/1.1\r\n${headers.map((one) => one.join(": ")).join("\r\n")}\r\n\r\n${rest}`,
  );
  return (seed, count) => fc.sample(text, { seed, numRuns: count }).map(utf8);
}

type Members = Readonly<Record<string, fc.Arbitrary<unknown>>>;

const junk = fc.jsonValue({ maxDepth: 3 });
const hash = fc.oneof(
  fc.constant("0".repeat(64)),
  textOf("0123456789abcdef", { minLength: 64, maxLength: 64 }),
);
const count = fc.oneof(fc.nat(5), fc.maxSafeInteger());
const base64 = textOf("AZaz09-_", { maxLength: 400 });
const signature = textOf("AQgw", { minLength: 86, maxLength: 86 });

/** A sync message of Automerge: type, no heads, no needs, then whatever. */
const syncData = fc
  .uint8Array({ maxLength: 200 })
  .map((rest) => Uint8Array.from([0x42, 0, 0, 0, ...rest]));

function textOf(letters: string, lengths: fc.StringConstraints): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...letters.split("")), ...lengths });
}

function membersOrJunk(members: Members): Members {
  const pairs = Object.entries(members).map(([name, arbitrary]) => {
    return [name, fc.oneof({ weight: 8, arbitrary }, { weight: 1, arbitrary: junk })] as const;
  });
  return Object.fromEntries(pairs);
}

function exchangeMembers(names: Names): Readonly<Record<string, Members>> {
  const device = fc.oneof(fc.constantFrom(...names.devices), fc.string());
  const document = fc.oneof(fc.constantFrom(...names.documents), fc.string());
  const heads = fc.array(hash, { maxLength: 5 });
  const ledger = fc.record({ device, incarnation: count, sequence: count, hash });
  return {
    hello: {
      v: fc.constant(1),
      device,
      certificates: fc.array(fc.string({ maxLength: 900 }), { maxLength: 4 }),
      link: fc.string({ unit: fc.constantFrom("a", "B", "-"), minLength: 22, maxLength: 22 }),
    },
    digest: {
      digest: fc.record({ device, devices: hash, ledgers: hash, publications: hash }),
      signature,
    },
    devices: { chains: fc.array(fc.array(fc.string({ maxLength: 900 }), { maxLength: 3 })) },
    summary: {
      summary: fc.record({
        device,
        ledgers: fc.array(ledger, { maxLength: 5 }),
        documents: fc.array(fc.record({ name: document, heads }), { maxLength: 5 }),
      }),
      signature,
    },
    want: { document, heads },
    changes: { document, changes: fc.array(base64, { maxLength: 4 }) },
    "want-part": { device, incarnation: count, part: count, sha256: hash, offset: count },
    part: { sha256: hash, offset: count, size: fc.oneof(fc.constant(-1), count), data: base64 },
    later: { anything: junk },
  };
}

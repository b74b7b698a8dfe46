import { cbor, stringifyAutomergeUrl, type BinaryDocumentId } from "@automerge/automerge-repo";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readSyncFrame, writeSyncFrame } from "./sync-frame.ts";

const binary = new Uint8Array(16).fill(7) as BinaryDocumentId;
const documentId = stringifyAutomergeUrl({ documentId: binary }).slice("automerge:".length);

describe("frames made anew (SA)", () => {
  const head = { senderId: "dev_a", targetId: "dev_own" };
  const data = Buffer.from([1, 2]);

  test.each<readonly [object, object]>([
    [
      { type: "join", targetId: 7, peerMetadata: { storageId: "valueOf" }, more: 1 },
      { type: "join", senderId: "dev_a", peerMetadata: {}, supportedProtocolVersions: ["1"] },
    ],
    [
      { type: "peer", targetId: "dev_x", peerMetadata: { isEphemeral: "x" } },
      { type: "peer", ...head, peerMetadata: {}, selectedProtocolVersion: "1" },
    ],
    [
      { type: "sync", documentId, data, targetId: {}, more: 1 },
      { type: "sync", ...head, documentId, data },
    ],
    [
      { type: "doc-unavailable", documentId, data: "x" },
      { type: "doc-unavailable", ...head, documentId },
    ],
  ])("[SA5] of %j only what counts goes on", (message, expected) => {
    const frame = readSyncFrame(cbor.encode({ senderId: "dev_a", ...message }))!;
    expect(cbor.decode(writeSyncFrame(frame, "dev_own"))).toEqual(expected);
  });

  test("[SA1] no bytes make reading throw, and what is read can be written", () => {
    const message = fc.record(
      {
        type: fc.oneof(
          fc.constantFrom("join", "peer", "sync", "request", "doc-unavailable", "ephemeral"),
          fc.string(),
        ),
        senderId: fc.oneof(fc.constant("dev_a"), fc.jsonValue()),
        documentId: fc.oneof(fc.constant(documentId), fc.jsonValue()),
        data: fc.oneof(fc.uint8Array(), fc.jsonValue()),
        peerMetadata: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const bytes = fc.oneof(
      fc.uint8Array(),
      message.map((one) => cbor.encode(one)),
    );
    fc.assert(
      fc.property(bytes, (one) => {
        const frame = readSyncFrame(one);
        if (!frame || frame.type === "unused") return;
        expect(readSyncFrame(writeSyncFrame(frame, "dev_own"))).toEqual(frame);
      }),
    );
  });
});

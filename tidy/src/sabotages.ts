/**
 * Small sabotages, each of which must turn tests red: the check on the checks.
 *
 * `tidy.test.ts` sees to it that each still fits its file; `npm run sabotage`
 * carries them out, one after the other, in a copy of the repository.
 *
 * @module
 */

import { fiscalSabotages } from "./fiscal-sabotages.ts";
import { rekeySabotages } from "./rekey-sabotages.ts";
import { spainSabotages } from "./spain-sabotages.ts";

export interface Sabotage {
  readonly name: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The test files that must notice, as vitest filters. */
  readonly tests: readonly string[];
}

const engine = "packages/sync-engine/src";
const relay = "apps/relay/src";
const austria = "packages/fiscal-queue/src/regimes/at-rksv";

export const sabotages: readonly Sabotage[] = [
  {
    name: "nothing is no answer",
    file: `${engine}/lan/giving.ts`,
    find: "  // Nothing is an answer too: whoever asked may ask again, as soon as there is a reason.",
    replace: "  if (changes.length === 0) return;",
    tests: [`${engine}/lan/hostile-frames.test.ts`],
  },
  {
    name: "what a peer has is asked for once",
    file: `${engine}/lan/following.ts`,
    find: "    wantLater(net, link, { text, delayMs: Math.min(delayMs * 2, wantDelayMaxMs) });",
    replace: "",
    tests: [`${engine}/lan/hostile-frames.test.ts`],
  },
  {
    name: "entries of a revoked device count",
    file: `${engine}/replica/ledger.ts`,
    find: 'if (accepts && !accepts(entry, hash)) flags.push("revoked");',
    replace: "",
    tests: [`${engine}/replica/revocation.test.ts`],
  },
  {
    name: "any HQ device revokes any other",
    file: `${engine}/replica/revocation.ts`,
    find: "signature.ok && ports.trust.isSignedByCa(bytesToCertify(item), signature.value)",
    replace: "signature.ok",
    tests: [`${engine}/replica/revocation.test.ts`],
  },
  {
    name: "a grant need not be the CA's",
    file: `${engine}/identity/grants.ts`,
    find: "return isSignedByCa(signed, bytes.value.slice(0, signatureSizeBytes)) ? sealed : undefined;",
    replace: "return isSignedByCa(signed, bytes.value) ? sealed : sealed;",
    tests: [`${engine}/identity/channel-keys.test.ts`],
  },
  {
    name: "a revoked device is given the next keys",
    file: `${engine}/node/control-desk.ts`,
    find: "if (isOwn || state.revocations.has(device.id)) return [];",
    replace: "if (isOwn) return [];",
    tests: [`${engine}/node/membership.test.ts`],
  },
  {
    name: "an append is not synced",
    file: `${engine}/storage/change-log.ts`,
    find: "      file.datasync();\n",
    replace: "",
    tests: [`${engine}/storage/change-log.faults.test.ts`],
  },
  {
    name: "an entry's signature is not checked",
    file: `${engine}/documents/ledger-part.ts`,
    find: "if (publicKey && !isSignedBy(opened.value, publicKey, crypto)) {",
    replace: "if (publicKey && publicKey.length === 0) {",
    tests: [`${engine}/documents/ledger-part.test.ts`],
  },
  {
    name: "an entry may come in another change",
    file: `${engine}/documents/ledger-part.ts`,
    find: "  if (changeHash !== undefined && change.hash !== changeHash) {",
    replace: "  if (changeHash === undefined && change.hash === changeHash) {",
    tests: [`${engine}/documents/ledger-part.test.ts`],
  },
  {
    name: "an entry need not name the one before it",
    file: `${engine}/documents/ledger-part.ts`,
    find: "entry.sequence === expected && entry.previous === parent.signed.hash",
    replace: "entry.sequence === expected",
    tests: [`${engine}/documents/ledger-part.test.ts`],
  },
  {
    name: "a till may publish",
    file: `${engine}/documents/publication-set.ts`,
    find: '  if (key === "not-hq") return err({ type: "NotHq", publisher });\n',
    replace:
      '  if (key === "not-hq") return ok({ fact: publication.value, text: opened.text, hash: opened.hash });\n',
    tests: [`${engine}/documents/publication-set.test.ts`],
  },
  {
    name: "a publication's signature is not checked",
    file: `${engine}/documents/publication-set.ts`,
    find: "if (!isSignedBy(opened, key, crypto))",
    replace: "if (key.length === 0)",
    tests: [`${engine}/documents/publication-set.test.ts`],
  },
  {
    name: "a counter is set again, not incremented",
    file: `${engine}/documents/ledger-branch.ts`,
    find: '{ action: "inc", obj, key, value: milli, pred: [counter.op] }',
    replace: '{ action: "set", obj, key, value: milli, datatype: "counter", pred: [counter.op] }',
    tests: [`${engine}/documents/ledger-part.laws.test.ts`, `${engine}/documents/formats.test.ts`],
  },
  {
    name: "the checksum of a checkpoint is not checked",
    file: `${engine}/storage/node/chunk-frame.ts`,
    find: '? null : "checksum"',
    replace: "? null : null",
    tests: [`${engine}/storage/node/checkpoint-storage.test.ts`],
  },
  {
    name: "the hash of a sealed part is not checked",
    file: `${engine}/storage/node/sealed-store.ts`,
    find: '    if (sha256Hex(unpacked) !== ref.sha256) return "hash";\n',
    replace: "",
    tests: [`${engine}/storage/node/sealed-store.test.ts`],
  },
  {
    name: "a peer's word is taken for what it holds",
    file: `${engine}/replica/summary.ts`,
    find: "if (!claim || !own || !holdsEntry(state, own, claim)) return 0;",
    replace: "if (!claim || !own) return 0;",
    tests: [`${engine}/replica/replica-core.test.ts`],
  },
  {
    name: "a clone that is found out goes on under its old number",
    file: `${engine}/replica/receive.ts`,
    find: '  beginIncarnation(state, "fork");\n',
    replace: "",
    tests: [`${engine}/replica/replica-core.test.ts`],
  },
  {
    name: "the lower publication sequence wins",
    file: "packages/pricing-core/src/last-writer-by-hq.ts",
    find: "return a.sequence - b.sequence;",
    replace: "return b.sequence - a.sequence;",
    tests: ["packages/pricing-core/src/book"],
  },
  {
    name: "who is scanned first gets the penny",
    file: "packages/pricing-core/src/basket.ts",
    find: "takePromotions(inCanonicalOrder(listing.lines), input)",
    replace: "takePromotions(listing.lines, input)",
    tests: ["packages/pricing-core/src/basket/pipeline.laws.test.ts"],
  },
  {
    name: "the list of lower priority wins",
    file: "packages/pricing-core/src/list-table.ts",
    find: "return b.priority - a.priority;",
    replace: "return a.priority - b.priority;",
    tests: ["packages/pricing-core/src/basket/price-lists.test.ts"],
  },
  {
    name: "a deposit is discounted with its article",
    file: "packages/pricing-core/src/basket/list-lines.ts",
    find: "isDiscountable: isDiscountable && linkedTo === undefined,",
    replace: "isDiscountable,",
    tests: ["packages/pricing-core/src/basket/price-lists.test.ts"],
  },
  {
    name: "a break is reached by one line alone",
    file: "packages/pricing-core/src/basket/list-lines.ts",
    find: "(milli.get(one) ?? 0) + quantityMilli",
    replace: "Math.max(milli.get(one) ?? 0, quantityMilli)",
    tests: ["packages/pricing-core/src/basket/breaks.test.ts"],
  },
  {
    name: "a repeated request is recorded again",
    file: "apps/reference-till/service/till/record.ts",
    find: "  if (known.value !== undefined) return ok({ held: known.value, isRepeat: true });\n",
    replace: "",
    tests: ["apps/reference-till/service"],
  },
  {
    name: "the relay answers before its sync",
    file: `${relay}/files/group-commit.ts`,
    find: "  await file.datasyncLater();\n",
    replace: "",
    tests: [`${relay}/files/files-store.faults.test.ts`],
  },
  {
    name: "the relay cuts off what had been durable",
    file: `${relay}/files/recovery.ts`,
    find: "  if (proof !== undefined) return damaged(segment.sizeBytes, proof);\n",
    replace: "",
    tests: [`${relay}/files/files-store.faults.test.ts`],
  },
  {
    name: "the relay lets in whoever has a certificate",
    file: `${relay}/handshake.ts`,
    find: "if (!crypto.verify(device.publicKey, signed, proof.value.signature)) {",
    replace: "if (signed.length === 0) {",
    tests: [`${relay}/nobody-in.test.ts`],
  },
  {
    name: "the relay takes envelopes under any name",
    file: `${relay}/publishing.ts`,
    find: "header.publisher !== device.deviceId || ",
    replace: "",
    tests: [`${relay}/nobody-in.test.ts`],
  },
  {
    name: "the relay believes a revoked HQ",
    file: `${relay}/statements.ts`,
    find: '  if (revoked.value) return "forbidden";\n',
    replace: "",
    tests: [`${relay}/relay-limits.test.ts`],
  },
  {
    name: "hello may show another certificate than the channel",
    file: `${engine}/lan/secure-channel.ts`,
    find: `    if (certificates[0] !== proved) return refused("certificate of another device");\n`,
    replace: "",
    tests: [`${engine}/lan/rogue.test.ts`],
  },
  {
    name: "a channel counts whatever OpenSSL says of it",
    file: `${engine}/lan/secure-channel.ts`,
    find: "  if (!socket.authorized) return refused(reasonOf(socket.authorizationError));\n",
    replace: "",
    tests: [`${engine}/lan/rogue.test.ts`],
  },
  {
    name: "a ledger is for every device of the organisation",
    file: `${engine}/replica/entitlement.ts`,
    find: "  return ownerOf(name.device)?.location === reader.location;\n",
    replace: "  return ownerOf(name.device) !== undefined;\n",
    tests: [`${engine}/lan/elsewhere.test.ts`],
  },
  {
    name: "a message of the live sync may be of any size",
    file: `${engine}/lan/sync-adapters.ts`,
    find: "const syncDataMaxSizeBytes = frameMaxSizeBytes - 4_096;",
    replace: "const syncDataMaxSizeBytes = 1e9 + frameMaxSizeBytes;",
    tests: [`${engine}/lan/lan.test.ts`],
  },
  {
    name: "a fact under a spoilt signature covers the genuine one",
    file: `${engine}/relay/take-items.ts`,
    find: "    const isSame = node?.signed.text === text;\n",
    replace: "    const isSame = node !== undefined;\n",
    tests: [`${engine}/relay/rogue.test.ts`],
  },
  {
    name: "anybody's sealed part is taken unasked",
    file: `${engine}/relay/take-part.ts`,
    find: "const isOwner = from.id === name.device && !isCutOff(courier, from);",
    replace: "const isOwner = from !== undefined;",
    tests: [`${engine}/relay/rogue.test.ts`],
  },
  {
    name: "a device publishes before it knows of the newest key epoch",
    file: `${engine}/relay/launch.ts`,
    find: "  if (!isControlRead(courier)) return undefined;\n",
    replace: "",
    tests: [`${engine}/relay/first-epoch.test.ts`],
  },
  {
    name: "what an envelope says counts without its publisher being entitled to the channel",
    file: `${engine}/relay/take-envelope.ts`,
    find: '  if (!mayWrite(courier, lane, from)) return err({ type: "NotEntitled" });\n',
    replace: "",
    tests: [`${engine}/relay/rogue.test.ts`],
  },
  {
    name: "a relay that lost its log is believed to have it",
    file: `${engine}/relay/courier.ts`,
    find: "  if (isBroken || isAnotherPast(lane, answer, asked)) lostPast(courier, lane);\n",
    replace: "",
    tests: [`${engine}/relay/courier.laws.test.ts`],
  },
  {
    name: "an entry counts as stored when it was sent",
    file: `${engine}/relay/launch.ts`,
    find: "  lane.flights.push(flight);\n  return flight;\n",
    replace: "  lane.flights.push(flight);\n  settleFlight(courier, flight);\n  return flight;\n",
    tests: [`${engine}/relay/courier.laws.test.ts`],
  },
  {
    name: "what the relay stored is never looked for in its log",
    file: `${engine}/relay/courier.ts`,
    find: "  if (lane.channel.isRead) lane.promised.set(offset, hex(hash));\n",
    replace: "",
    tests: [`${engine}/relay/courier.laws.test.ts`],
  },
  {
    name: "a ledger that stands on a carry is claimed as held",
    file: `${engine}/replica/summary.ts`,
    find: '? { device, incarnation, sequence: 0, hash: "" }',
    replace: "? { device, incarnation, sequence: deliveredThrough, hash: lastHash }",
    tests: [`${engine}/replica/carry-base.test.ts`],
  },
  {
    name: "entries that a carry kept are believed unsigned",
    file: `${engine}/documents/carry-text.ts`,
    find: "if (publicKey && !isSignedBy(opened.value, publicKey, crypto)) return undefined;",
    replace: "",
    tests: [`${engine}/documents/carry-text.test.ts`],
  },
  {
    name: "whatever continues any line stands on the carry",
    file: `${engine}/replica/ledger.ts`,
    find: "  return part !== undefined && base === undefined;\n",
    replace: "  return part !== undefined;\n",
    tests: [`${engine}/replica/carry-base.test.ts`],
  },
  {
    name: "a carry that stands for revoked entries is kept",
    file: `${engine}/replica/carry-base.ts`,
    find: "    if (ledger.base && !isCounted(ledger, ledger.base)) leaveBase(ledger);\n",
    replace: "",
    tests: [`${engine}/replica/carry-base.test.ts`],
  },
  {
    name: "history is counted again",
    file: "apps/reference-till/service/projection/apply.ts",
    find: "if (!isCarried) statements",
    replace: "statements",
    tests: ["apps/reference-till/service/projection/carry.test.ts"],
  },
  {
    name: "a half begun ledger is gone on with",
    file: "apps/reference-till/service/projection/start-anew.ts",
    find: '  if (isHalfBegun(tables)) return "half-begun";\n',
    replace: "",
    tests: ["apps/reference-till/service/projection/carry.test.ts"],
  },
  {
    name: "training counts as turnover",
    file: `${austria}/state.ts`,
    find: 'return kind === "training" ? turnoverMinor : turnoverMinor + sumMinor;',
    replace: "return turnoverMinor + sumMinor;",
    tests: [`${austria}/rksv.test.ts`],
  },
  {
    name: "an outage needs no collective receipt",
    file: `${austria}/receipt-walk.ts`,
    find: "if (jws.isDegraded) return 0;",
    replace: "if (jws.isDegraded) return undefined;",
    tests: [`${austria}/verify-dep7.test.ts`],
  },
  {
    name: "a new epoch goes on under the old KassenID",
    file: `${austria}/settings.ts`,
    find: "epoch === 1 ? till : `${till}-${epoch}`",
    replace: "till",
    tests: [`${austria}/settings.test.ts`],
  },
  ...fiscalSabotages,
  ...rekeySabotages,
  ...spainSabotages,
];

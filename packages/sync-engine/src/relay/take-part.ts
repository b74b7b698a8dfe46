/**
 * A sealed part that came in an envelope. SPEC.md §8a (TI).
 *
 * @module
 */

import { ok, type Result } from "@tillmesh/kernel";
import { parseDocumentName } from "../documents/document-name.ts";
import {
  createPartReader,
  textHash,
  type SealedPart,
  type SealedTextError,
} from "../documents/sealed-part.ts";
import { acceptRead } from "../replica/accept-part.ts";
import { ledgerOf, type CoreState, type SealingJob } from "../replica/core-state.ts";
import type { PartItem } from "../relay-protocol/bundle-item.ts";
import type { CourierState } from "./courier-state.ts";
import {
  coverThing,
  inTurns,
  isCutOff,
  isEnough,
  placeOf,
  refused,
  type ItemContext,
  type ItemOutcome,
  type TakeError,
} from "./item-place.ts";

export async function takePart(
  courier: CourierState,
  item: PartItem,
  context: ItemContext,
): Promise<Result<ItemOutcome, TakeError>> {
  const { state } = courier.ports;
  const { device, incarnation, sha256, lastSequence, text } = item;
  const document = `ledger/${device}/${incarnation}/${item.part}`;
  const name = parseDocumentName(document);
  if (name?.kind !== "ledger" || textHash(text, state.ports.crypto) !== sha256) {
    return refused(courier, context, { document, reason: "WrongHash" });
  }
  const place = placeOf(courier, name, { context, firstText: text.slice(0, text.indexOf("\n")) });
  if (place === "unknown") return ok("waits");
  if (place === "elsewhere") return refused(courier, context, { document, reason: "OtherChannel" });
  if (isEnough(state, { device, incarnation, sequence: lastSequence })) {
    coverThing(context, sha256);
  }
  if (isHere(state, name, sha256)) return ok("done");
  if (!vouchedPart(courier, { name, item }, context)) return ok("waits");
  const entries = await readPart(courier, name, text);
  if (!entries.ok) return refused(courier, context, { document, reason: entries.error.type });
  return acceptEntries(courier, { name, item, entries: entries.value }, context);
}

interface NamedPart {
  readonly name: SealedPart["name"];
  readonly item: PartItem;
}

function isHere(state: CoreState, name: SealedPart["name"], sha256: string): boolean {
  return (
    ledgerOf(state, name).sealed.has(sha256) ||
    state.sealing.some((job) => job.part.sha256 === sha256)
  );
}

/** The owner's signature of the envelope stands for the one of a later part that names the hash. */
function vouchedPart(
  courier: CourierState,
  { name, item }: NamedPart,
  { from }: ItemContext,
): SealedPart | undefined {
  const { sha256, firstSequence, lastSequence } = item;
  const isOwner = from.id === name.device && !isCutOff(courier, from);
  const own = isOwner ? { name, sha256, firstSequence, lastSequence } : undefined;
  return ledgerOf(courier.ports.state, name).wanted.get(sha256) ?? own;
}

/** Its entries, in turns: a whole part at once would hold up a sale. */
async function readPart(
  { ports }: CourierState,
  name: SealedPart["name"],
  text: string,
): Promise<Result<SealingJob["entries"], SealedTextError>> {
  const reader = createPartReader(name, ports.state.ports.crypto);
  for (const lines of inTurns(text.split("\n"))) {
    for (const line of lines) {
      const taken = reader.take(line);
      if (!taken.ok) return taken;
    }
    await ports.nextTurn();
  }
  return ok(reader.entries());
}

/** While it was read, a peer may have brought it, or its owner may have been cut off. */
function acceptEntries(
  courier: CourierState,
  { name, item, entries }: NamedPart & Pick<SealingJob, "entries">,
  context: ItemContext,
): Result<ItemOutcome, TakeError> {
  const { state } = courier.ports;
  const { sha256, text } = item;
  if (isHere(state, name, sha256)) return ok("done");
  const part = vouchedPart(courier, { name, item }, context);
  if (!part) return ok("waits");
  const { wanted } = ledgerOf(state, name);
  const isWanted = wanted.has(sha256);
  wanted.set(sha256, part);
  const accepted = acceptRead(state, part, { text, entries });
  if (accepted.ok) {
    courier.progress += 1;
    courier.partsTaken.set(sha256, { lane: context.lane.key, at: context.at });
    return ok("done");
  }
  if (!isWanted) wanted.delete(sha256);
  const document = `ledger/${name.device}/${name.incarnation}/${name.part}`;
  return refused(courier, context, { document, reason: accepted.error.type });
}

/**
 * What an envelope says, item by item: admitted by the same rules as what peers send. SPEC.md §8a (TI).
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import { parseDocumentName, type DocumentName } from "../documents/document-name.ts";
import { textHash } from "../documents/sealed-part.ts";
import { hashOfSignedText } from "../documents/signed-text.ts";
import { keyOf, type CoreState } from "../replica/core-state.ts";
import { ledgerKey, noteHolds, noteHqWord } from "../replica/horizon.ts";
import type { CarryPlace } from "../replica/ports.ts";
import { receiveTexts } from "../replica/receive-texts.ts";
import type {
  BundleItem,
  CarryItem,
  DevicesItem,
  EntriesItem,
  HeldItem,
  PublicationsItem,
  WantItem,
} from "../relay-protocol/bundle-item.ts";
import type { CourierState } from "./courier-state.ts";
import { cover } from "./coverage.ts";
import { isHeldSignedBy } from "./held.ts";
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
import { carryId, itemId } from "./plan.ts";
import { takePart } from "./take-part.ts";
import { answerWant } from "./wants.ts";

export async function takeItem(
  courier: CourierState,
  item: BundleItem,
  context: ItemContext,
): Promise<Result<ItemOutcome, TakeError>> {
  const take = takers[item.type] as Taker<BundleItem>;
  return take(courier, item, context);
}

type Taker<Item extends BundleItem> = (
  courier: CourierState,
  item: Item,
  context: ItemContext,
) => Result<ItemOutcome, TakeError> | Promise<Result<ItemOutcome, TakeError>>;

const takers: {
  readonly [Type in BundleItem["type"]]: Taker<Extract<BundleItem, { readonly type: Type }>>;
} = {
  devices: takeDevices,
  entries: takeTexts,
  publications: takeTexts,
  part: takePart,
  carry: takeCarry,
  held: takeHeld,
  want: takeWant,
  keys: takeControl,
  certificate: takeControl,
  revocation: takeControl,
  "revoked-statement": takeControl,
  join: takeControl,
  renew: takeControl,
  unknown: takeControl,
};

function takeWant(
  courier: CourierState,
  item: WantItem,
  context: ItemContext,
): Result<ItemOutcome, never> {
  if (!isCutOff(courier, context.from)) answerWant(courier, item, context);
  return ok("done");
}

async function takeDevices(
  { ports, chainsKnown }: CourierState,
  { chains }: DevicesItem,
): Promise<Result<ItemOutcome, TakeError>> {
  for (const [index, chain] of chains.entries()) {
    const text = chain.join("");
    if (chainsKnown.has(text)) continue;
    if (chainsKnown.size > chainsKnownMax) chainsKnown.clear();
    chainsKnown.add(text);
    ports.state.ports.trust.learn(chain);
    if (index % chainsPerTurn === chainsPerTurn - 1) await ports.nextTurn();
  }
  return ok("done");
}

const chainsKnownMax = 10_000;
const chainsPerTurn = 32;

async function takeTexts(
  courier: CourierState,
  item: EntriesItem | PublicationsItem,
  context: ItemContext,
): Promise<Result<ItemOutcome, TakeError>> {
  const { document } = item;
  const name = nameIn(item);
  if (!name) return refused(courier, context, { document, reason: "Name" });
  const place = placeOf(courier, name, { context, firstText: item.texts[0] ?? "" });
  if (place === "unknown") return ok("waits");
  if (place === "elsewhere") return refused(courier, context, { document, reason: "OtherChannel" });
  for (const texts of inTurns(item.texts)) {
    const taken = receiveTexts(courier.ports.state, { name, texts }, { peer: context.from.id });
    if (!taken.ok) return judge(courier, context, { document, error: taken.error });
    if (taken.value.admitted > 0) courier.progress += 1;
    coverTexts(courier, { name, document, texts }, context);
    if (taken.value.missing !== undefined) return ok("waits");
    await courier.ports.nextTurn();
  }
  return ok("done");
}

function nameIn({ type, document }: EntriesItem | PublicationsItem): DocumentName | undefined {
  const name = parseDocumentName(document);
  return name?.kind === (type === "entries" ? "ledger" : "publications") ? name : undefined;
}

/** A full disk is nobody's fault; a document that may not exist here is passed over. */
function judge(
  courier: CourierState,
  context: ItemContext,
  { document, error }: { readonly document: string; readonly error: { readonly type: string } },
): Result<ItemOutcome, TakeError> {
  if (error.type === "Full" || error.type === "LogFailed") {
    return err({ type: "NotDurable", reason: error.type });
  }
  return refused(courier, context, { document, reason: error.type });
}

/** Only what stands in the log exactly as it stands here: the same fact under a spoilt signature helps nobody. */
function coverTexts(
  { ports }: CourierState,
  {
    name,
    document,
    texts,
  }: {
    readonly name: DocumentName;
    readonly document: string;
    readonly texts: readonly string[];
  },
  { lane }: ItemContext,
): void {
  const open = ports.state.documents.get(keyOf(ports.state, name));
  if (!open || lane.lane > 1) return;
  const kind = open.kind === "ledger" ? "entry" : "publication";
  const hashes = texts.flatMap((text) => {
    const hash = hashOfSignedText(kind, text, ports.state.ports.crypto);
    const node =
      open.kind === "ledger"
        ? open.part.nodeByEntry.get(hash)
        : open.set.nodes.findLast(({ signed }) => signed.hash === hash);
    const isSame = node?.signed.text === text;
    return isSame && isEnough(ports.state, node.signed.fact) ? [hash] : [];
  });
  cover(lane.coverage, { facts: [{ document, hashes }], things: [] });
}

function takeCarry(
  courier: CourierState,
  { device, incarnation, sha256, text }: CarryItem,
  context: ItemContext,
): Result<ItemOutcome, TakeError> {
  const { state, carries } = courier.ports;
  const document = `carry/${device}/${incarnation}`;
  if (textHash(text, state.ports.crypto) !== sha256) {
    return refused(courier, context, { document, reason: "WrongHash" });
  }
  const place = { device, incarnation, sha256 };
  coverThing(context, carryId(place));
  if (carries.take(place, text)) courier.progress += 1;
  else if (mayBeWanted(state, place)) return ok("waits");
  return ok("done");
}

/** A ledger of which nothing is here may still begin with it, once an entry names it. */
function mayBeWanted({ ledgers }: CoreState, place: CarryPlace): boolean {
  return (ledgers.get(ledgerKey(place))?.deliveredThrough ?? 0) === 0;
}

function takeHeld(
  courier: CourierState,
  item: HeldItem,
  context: ItemContext,
): Result<ItemOutcome, TakeError> {
  const { state } = courier.ports;
  const holder = state.ports.trust.deviceOf(item.summary.device);
  if (!holder) return ok("waits");
  if (!isHeldSignedBy(item, holder.publicKey, state.ports.crypto)) {
    return refused(courier, context, { document: "held", reason: "BadSignature" });
  }
  if (holder.roles.includes("hq")) noteHqWord(state, item);
  else noteHolds(state, holder, item.summary.ledgers);
  return ok("done");
}

async function takeControl(
  courier: CourierState,
  item: BundleItem,
  { lane, from }: ItemContext,
): Promise<Result<ItemOutcome, TakeError>> {
  const { control, state } = courier.ports;
  if (lane.lane === 0) {
    cover(lane.coverage, { facts: [], things: [itemId(item, state.ports.crypto)] });
  }
  if (!isCutOff(courier, from)) await control.take(item, from);
  // It may have brought keys, or a certificate.
  courier.progress += 1;
  return ok("done");
}

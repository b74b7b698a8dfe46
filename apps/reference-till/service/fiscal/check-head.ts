/**
 * At the start: is the head that the read models remember the one that the ledger makes?
 *
 * The ledger is read from the opening of the stream on, in slices, while the till sells. A difference, or a ledger with two
 * branches, stops sealing and is told wherever the regime's status is.
 *
 * @module
 */

import { canonicalJson } from "@tillmesh/kernel";
import type { Till } from "../till/till.ts";
import { foldStream } from "./fold-stream.ts";

/** Resolves when the head of now is checked, or the till is over. */
export async function checkHead(till: Till, isOver: () => boolean): Promise<void> {
  const { fiscal, replica } = till;
  const { stream } = fiscal.state;
  const { device, incarnation } = replica;
  if (stream === null || stream.incarnation !== incarnation) return;
  if (isForked(till)) return fiscal.stop("The ledger of this till has two branches.");
  const remembered = stream.head;
  if (remembered.sequence === 0) return;
  const place = { device: device.id, incarnation, sequence: stream.openedAt };
  for await (const { head } of foldStream(till, place)) {
    if (isOver()) return;
    if (head.sequence < remembered.sequence) continue;
    if (canonicalJson(head) === canonicalJson(remembered)) return;
    break;
  }
  if (isOver()) return;
  fiscal.stop(`The ledger does not make the head that was remembered, ${remembered.sequence}.`);
}

function isForked({ replica }: Till): boolean {
  const { device, incarnation } = replica;
  return replica
    .ledgers()
    .some((one) => one.device === device.id && one.incarnation === incarnation && one.isForked);
}

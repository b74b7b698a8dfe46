/**
 * Carries that came from peers: read, written, and begun with. SPEC.md §5 (CW).
 *
 * @module
 */

import {
  announceBase,
  leaveBase,
  readTaken,
  rootAtCarries,
  settleTaken,
} from "../replica/carry-base.ts";
import { deliverNext, raise, type CoreState, type TakenCarry } from "../replica/core-state.ts";
import { inTurns, nextTurn } from "./in-turns.ts";
import type { ReplicaParts } from "./run-replica.ts";

/** `save` makes durable where ledgers begin; only then is anybody told. */
export async function startLedgers(parts: ReplicaParts, save: () => void): Promise<void> {
  const { state } = parts;
  for (const taken of Array.from(state.takenCarries)) {
    await keepCarry(parts, taken);
    state.takenCarries.splice(state.takenCarries.indexOf(taken), 1);
    // What waited for it is asked for now.
    parts.lan?.announce();
  }
  const ledgers = rootAtCarries(state);
  if (ledgers.length === 0) return;
  try {
    save();
  } catch (error) {
    for (const ledger of ledgers) leaveBase(ledger);
    throw error;
  }
  for (const ledger of ledgers) announceBase(state, ledger);
  for (const ledger of ledgers) while (deliverNext(state, ledger)) await nextTurn();
}

async function keepCarry(
  { state, carries, logger }: ReplicaParts,
  taken: TakenCarry,
): Promise<void> {
  const head = await inTurns(readTaken(state, taken));
  if (!head) return;
  const { device, incarnation, part } = head;
  const written = await carries.write(`${device}/${incarnation}/${part}`, taken.bytes);
  if (written.ok) settleTaken(state, taken, head);
  else logger({ level: "error", event: "carry-failed", ...written.error });
}

/** At a start: a ledger whose carry is gone, or was kept by another rule, begins with its first entry. */
export async function checkBases(
  { state, carries }: ReplicaParts,
  { isRestored }: { readonly isRestored: boolean },
): Promise<void> {
  for (const ledger of state.ledgers.values()) {
    const { base, device, incarnation } = ledger;
    if (!base) continue;
    const place = { device, incarnation, sha256: base.carry };
    const isReadable = (await carries.read(place)) !== undefined;
    if (isReadable && isSameRule(state, base.keeps)) continue;
    leaveBase(ledger);
    // A backup holds no carries.
    if (isReadable || isRestored) continue;
    const path = `carry ${device}/${incarnation} through ${base.throughSequence}`;
    raise(state, { type: "DamagedFile", path, isRepaired: false });
  }
}

function isSameRule({ ports }: CoreState, keeps: string): boolean {
  return ports.carryRule?.name === keeps;
}

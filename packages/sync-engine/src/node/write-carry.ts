/**
 * Writes a carry when one is due, a little per turn. SPEC.md §5 (CW).
 *
 * @module
 */

import { composeCarry, noteCarry, planCarry } from "../replica/compose-carry.ts";
import { inTurns } from "./in-turns.ts";
import type { ReplicaParts } from "./run-replica.ts";

/** After this the owner's next part names the carry. */
export async function writeCarryIfDue({
  state,
  carries,
  clock,
  logger,
}: ReplicaParts): Promise<void> {
  const plan = planCarry(state, clock.nowMs());
  if (!plan) return;
  const { ledger, before } = plan;
  const { device, incarnation } = ledger;
  const bytes = before && (await carries.read({ device, incarnation, ...before.ref }));
  if (before && !bytes) logger({ level: "error", event: "carry-unreadable", ...before.ref });
  const composed = await inTurns(composeCarry(state, plan, bytes));
  if (!composed) return;
  const name = `${device}/${incarnation}/${composed.head.part}`;
  const written = await carries.write(name, composed.bytes);
  if (!written.ok) logger({ level: "error", event: "carry-failed", ...written.error });
  else noteCarry(state, composed, { sha256: written.value.sha256, at: state.ports.hlc.now() });
}

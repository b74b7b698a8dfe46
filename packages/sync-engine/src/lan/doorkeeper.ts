/**
 * Who may knock: a handshake costs more than refusing one. SPEC.md §7 (FD).
 *
 * @module
 */

import { createAllowance, type Allowance } from "./allowance.ts";
import type { LanLimits } from "./limits.ts";

export interface Doorkeeper {
  /**
   * Undefined if a new connection from this address would be one too many. Otherwise it counts until the
   * function that is answered is called.
   */
  admit(address: string, nowMs: number): (() => void) | undefined;
}

export function createDoorkeeper(limits: LanLimits): Doorkeeper {
  const handshakes = createAllowance(limits.handshakes, 0);
  const addresses = new Map<string, AddressState>();
  let open = 0;
  return {
    admit: (address, nowMs) => {
      const state = stateOf(addresses, address, limits);
      const isRoom = open < limits.connectionsMax && state.open < limits.connectionsPerAddressMax;
      // The address first: whoever has used up its own share takes nothing from the others'.
      if (!isRoom || !state.handshakes.take(1, nowMs) || !handshakes.take(1, nowMs)) {
        return undefined;
      }
      open += 1;
      state.open += 1;
      return () => {
        open -= 1;
        state.open -= 1;
      };
    },
  };
}

interface AddressState {
  readonly handshakes: Allowance;
  open: number;
}

/** Forgets the address that has been quiet for longest: the bound on all of them stays. */
function stateOf(
  addresses: Map<string, AddressState>,
  address: string,
  limits: LanLimits,
): AddressState {
  const state = addresses.get(address) ?? {
    handshakes: createAllowance(limits.handshakesPerAddress, 0),
    open: 0,
  };
  addresses.delete(address);
  addresses.set(address, state);
  for (const [known, { open }] of addresses) {
    if (addresses.size <= addressesMax) break;
    if (open === 0 && known !== address) addresses.delete(known);
  }
  return state;
}

const addressesMax = 1_024;

/**
 * How far a sale has got, in words: this till, other tills, the relay, headquarters.
 *
 * @module
 */

import type { EntryRef, Horizon, Status } from "../api/shapes.ts";

export interface HorizonStep {
  readonly place: "device" | "peers" | "relay" | "hq";
  readonly isThere: boolean;
  readonly text: string;
}

/** What of the status decides which steps there are. */
export type HorizonContext = Pick<Status, "device" | "roles" | "relay">;

/** One after the other; where there is no relay, its step is left out until somebody has used one. */
export function horizonSteps(
  { peers, relay, hq }: Horizon,
  context: HorizonContext,
): readonly HorizonStep[] {
  const isHq = context.roles.includes("hq");
  const names = peers.map(({ name }) => name).join(", ");
  const steps: readonly HorizonStep[] = [
    { place: "device", isThere: true, text: isHq ? "This device, headquarters" : "This device" },
    {
      place: "peers",
      isThere: peers.length > 0,
      text: peers.length > 0 ? names : "No other till yet",
    },
    { place: "relay", isThere: relay, text: relay ? "Relay" : "Not at the relay yet" },
    { place: "hq", isThere: hq, text: hq ? "Headquarters" : "Not at headquarters yet" },
  ];
  return steps.filter(({ place, isThere }) => {
    if (place === "relay") return isThere || context.relay !== null;
    return place !== "hq" || !isHq;
  });
}

export interface HorizonSummary {
  readonly isOnlyHere: boolean;
  readonly text: string;
}

/** As one short line: the farthest place, or that there is none but this. */
export function horizonSummary(
  { entry, horizon }: { readonly entry: EntryRef; readonly horizon: Horizon },
  context: HorizonContext,
): HorizonSummary {
  const { peers, relay, hq } = horizon;
  const [only] = peers;
  if (hq && !context.roles.includes("hq")) return elsewhere("At headquarters");
  if (peers.length > 1) return elsewhere(`Also on ${peers.length} devices`);
  if (only !== undefined) return elsewhere(`Also on ${only.name}`);
  if (relay) return elsewhere("At the relay");
  if (entry.device !== context.device.id) return elsewhere("Also on the till that made it");
  return { isOnlyHere: true, text: "Only here" };
}

function elsewhere(text: string): HorizonSummary {
  return { isOnlyHere: false, text };
}

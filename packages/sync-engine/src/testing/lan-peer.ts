/**
 * One replica in a process of its own, which says what it sees of its peers. Started by tests with a network of their own.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { nodeCrypto, systemClock } from "@tillmesh/kernel/node";
import { defaultLanLimits } from "../lan/limits.ts";
import { openReplica } from "../node/open-replica.ts";

/** A line of its output. */
export interface PeerReport {
  readonly device: string;
  readonly peers: readonly { readonly device?: string; readonly address: string }[];
}

const { values } = parseArgs({
  options: {
    data: { type: "string", default: "" },
    host: { type: "string", default: "0.0.0.0" },
    port: { type: "string", default: "7001" },
  },
});
const listen = { host: values.host, port: Number(values.port) };
const opened = await openReplica({
  directory: values.data,
  clock: systemClock(),
  crypto: nodeCrypto(),
  lan: { listen, peers: [], limits: { ...defaultLanLimits, heartbeatMs: 500, silentMs: 2_000 } },
});
if (!opened.ok) throw new Error(JSON.stringify(opened.error));
const replica = opened.value;
setInterval(() => {
  const peers = replica
    .status()
    .peers.filter(({ state }) => state === "connected")
    .map(({ device, address }) => ({ ...(device !== undefined && { device }), address }));
  const report: PeerReport = { device: replica.device.id, peers };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}, 200);
process.on("SIGTERM", () => void replica.close().then(() => process.exit()));

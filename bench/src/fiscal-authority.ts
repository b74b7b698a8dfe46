/**
 * The fake authority of Spain in a process of its own, so that what it keeps is in nobody else's memory.
 *
 * @module
 */

import { createFakeAeat, serveAuthority } from "@tillmesh/fiscal-queue/testing";

/** What a message to this process is answered with. */
export interface AuthorityReport {
  readonly requestCount: number;
  readonly acceptedCount: number;
  readonly isInOrder: boolean;
}

const aeat = createFakeAeat({ nowMs: () => Date.now() });
aeat.setWait(0);
const server = await serveAuthority(aeat.authority);
process.on("message", () => process.send?.(report()));
process.on("disconnect", () => process.exit(0));
process.send?.({ baseUrl: server.baseUrl });

function report(): AuthorityReport {
  const hashes = aeat.accepted().map(({ id }) => id);
  const sorted = hashes.toSorted();
  return {
    requestCount: aeat.authority.received().length,
    acceptedCount: new Set(hashes).size === hashes.length ? hashes.length : -1,
    isInOrder: hashes.every((id, index) => id === sorted[index]),
  };
}

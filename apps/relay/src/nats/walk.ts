/**
 * Walks over many messages of a stream by their headers, without their bytes.
 *
 * @module
 */

import { AckPolicy, DeliverPolicy, ReplayPolicy, type JsMsg } from "@nats-io/jetstream";
import { nuid } from "@nats-io/transport-node";
import { NatsFault } from "./nats-fault.ts";
import type { NatsLink } from "./nats-link.ts";
import type { LogStream } from "./subjects.ts";

export interface Walk {
  readonly filter: string;
  /** All, or the last of each subject. */
  readonly which: "all" | "last";
  /** In the order of the stream; false ends the walk. */
  readonly each: (message: JsMsg) => boolean;
}

/** Over what was there when it began. */
export async function walkHeaders(
  link: NatsLink,
  { name }: LogStream,
  { filter, which, each }: Walk,
): Promise<void> {
  const { consumers } = link.manager;
  const made = await consumers.add(name, {
    name: `walk-${nuid.next()}`,
    ack_policy: AckPolicy.None,
    deliver_policy: which === "all" ? DeliverPolicy.All : DeliverPolicy.LastPerSubject,
    replay_policy: ReplayPolicy.Instant,
    filter_subject: filter,
    headers_only: true,
    mem_storage: true,
    num_replicas: 1,
    // Should we die on the way, it goes by itself.
    inactive_threshold: 30_000_000_000,
  });
  try {
    const consumer = await link.client.consumers.get(name, made.name);
    let left = made.num_pending;
    while (left > 0) {
      const before = left;
      const batch = await consumer.fetch({
        max_messages: Math.min(left, batchMax),
        expires: waitMaxMs,
      });
      for await (const message of batch) {
        left -= 1;
        if (!each(message)) return;
      }
      if (left === before) throw new NatsFault("timeout", `the walk over ${name} stands still`);
    }
  } finally {
    await consumers.delete(name, made.name).catch(() => undefined);
  }
}

const batchMax = 512;
const waitMaxMs = 2_000;

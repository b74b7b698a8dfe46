/**
 * What headquarters says: a signed set of keys and values under a topic.
 *
 * Format 1. Which publication of a key is in force is the rule "last writer by HQ",
 * in the package that owns the values.
 *
 * @module
 */

import type { Hlc } from "./hlc.ts";
import type { DeviceId } from "./ids.ts";
import type { Json } from "./json.ts";

export interface Publication {
  readonly v: 1;
  readonly topic: string;
  readonly id: string;
  readonly epoch: number;
  readonly publisher: DeviceId;
  /** Lamport number among HQ devices: one more than the highest seen. */
  readonly sequence: number;
  /** Hex SHA-256 of the publisher's publication before. */
  readonly previous: string;
  readonly actor: string;
  readonly at: Hlc;
  /** Highest sequence seen of each publisher. */
  readonly seen: Readonly<Record<string, number>>;
  readonly items: readonly PublicationItem[];
}

export interface PublicationItem {
  readonly key: string;
  /** `null` withdraws the key. */
  readonly value: Json;
}

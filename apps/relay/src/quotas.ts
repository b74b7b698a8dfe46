/**
 * How much organisations and devices hold, near enough to refuse in time: the store is asked now and then, and what
 * was appended here since is counted. SPEC.md (SV).
 *
 * @module
 */

import type { LogStore, Usage } from "./log-store.ts";
import type { Quotas } from "./settings.ts";

export type QuotaFault = "organisationQuota" | "deviceQuota";

export interface QuotaKeeper {
  /** Counts the bytes in, unless they are too many. */
  readonly reserve: (who: Publisher, sizeBytes: number) => QuotaFault | undefined;
  /** It was not appended. */
  readonly giveBack: (who: Publisher, sizeBytes: number) => void;
  /** To be awaited before the first `reserve` of an organisation. */
  readonly load: (organisation: string) => Promise<void>;
  /** Asks the store again for those that were used since. */
  readonly refresh: () => Promise<void>;
}

interface Publisher {
  readonly organisation: string;
  readonly device: string;
}

interface Held {
  sizeBytes: number;
  logs: number;
  readonly byDevice: Map<string, number>;
  isUsed: boolean;
}

export function createQuotaKeeper(store: LogStore, quotas: Quotas): QuotaKeeper {
  const held = new Map<string, Held>();
  const load = async (organisation: string): Promise<void> => {
    const usage = await store.usage(organisation);
    // Without an answer the appends will have none either.
    if (usage.ok) held.set(organisation, toHeld(usage.value));
  };
  return {
    load: async (organisation) => {
      if (!held.has(organisation)) await load(organisation);
    },
    refresh: async () => {
      const used = [...held]
        .filter(([, { isUsed }]) => isUsed)
        .map(([organisation]) => organisation);
      for (const organisation of used) {
        await load(organisation);
        const of = held.get(organisation);
        if (of) of.isUsed = false;
      }
    },
    reserve: ({ organisation, device }, sizeBytes) => {
      const of = held.get(organisation) ?? toHeld(nothing);
      held.set(organisation, of);
      of.isUsed = true;
      const ofDevice = (of.byDevice.get(device) ?? 0) + sizeBytes;
      if (of.logs > quotas.organisationLogs) return "organisationQuota";
      if (of.sizeBytes + sizeBytes > quotas.organisationBytes) return "organisationQuota";
      if (ofDevice > quotas.deviceBytes) return "deviceQuota";
      of.sizeBytes += sizeBytes;
      of.byDevice.set(device, ofDevice);
      return undefined;
    },
    giveBack: ({ organisation, device }, sizeBytes) => {
      const of = held.get(organisation);
      if (of === undefined) return;
      of.sizeBytes = Math.max(0, of.sizeBytes - sizeBytes);
      of.byDevice.set(device, Math.max(0, (of.byDevice.get(device) ?? 0) - sizeBytes));
    },
  };
}

function toHeld({ sizeBytes, sizeBytesByDevice, logs }: Usage): Held {
  return { sizeBytes, logs, byDevice: new Map(sizeBytesByDevice), isUsed: true };
}

const nothing: Usage = { envelopes: 0, sizeBytes: 0, logs: 0, sizeBytesByDevice: new Map() };

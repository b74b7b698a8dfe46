/**
 * A shop in a process of its own, so that it alone can die. Started by `victim-process.ts`.
 *
 * @module
 */

import { businessAsUsual, openBusyHostileShop } from "../../testing/hostile-shop.ts";
import { defaultLanLimits } from "../limits.ts";
import type { VictimAnswer, VictimQuestion } from "./victim-process.ts";

const wide = { burst: 1e9, perSecond: 1e9 };

/** Content is what is tried here, not the bounds on how much of it comes. */
const shop = await openBusyHostileShop({
  limits: {
    ...defaultLanLimits,
    handshakes: wide,
    handshakesPerAddress: wide,
    frames: wide,
    bytes: wide,
    keptOutMs: 0,
  },
});

process.on("message", (question: VictimQuestion) => void answer(question));
process.on("disconnect", () => process.exit());
const { port, hostile } = shop;
say({ type: "ready", port, hostile, victim: shop.victim.device.id });

async function answer({ type }: VictimQuestion): Promise<void> {
  if (type === "end") {
    await shop.close();
    process.exit();
  }
  try {
    await businessAsUsual(shop);
    shop.reset();
    // Twice: what the first collection finalizes the second frees.
    globalThis.gc?.();
    globalThis.gc?.();
    say({ type: "checked", usedBytes: process.memoryUsage().heapUsed });
  } catch (error) {
    say({ type: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

function say(word: VictimAnswer): void {
  process.send?.(word);
}

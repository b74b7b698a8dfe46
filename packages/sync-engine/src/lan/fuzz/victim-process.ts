/**
 * The process that is attacked, as the attacker sees it.
 *
 * @module
 */

import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Identity } from "../../identity/identity.ts";
import type { Attacker } from "../../testing/hostile-peer.ts";

export type VictimQuestion = { readonly type: "check" } | { readonly type: "end" };

export type VictimAnswer =
  | {
      readonly type: "ready";
      readonly port: number;
      readonly hostile: Identity;
      readonly victim: string;
    }
  | { readonly type: "checked"; readonly usedBytes: number }
  | { readonly type: "failed"; readonly message: string };

export interface Victim extends Attacker {
  /** Its device. */
  readonly victim: string;
  /** Throws if it is dead, or honest tills cannot do business. */
  check(): Promise<number>;
  end(): Promise<void>;
}

export async function startVictim(): Promise<Victim> {
  const child = fork(fileURLToPath(new URL("victim.ts", import.meta.url)), {
    execArgv: ["--conditions=@tillmesh/source", "--expose-gc"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const first = await nextAnswer(child);
  if (first.type !== "ready") throw new Error(`the victim said ${first.type}`);
  const { port, hostile, victim } = first;
  const closing: (() => void)[] = [];
  return {
    port,
    hostile,
    victim,
    closing,
    check: async () => {
      const answer = nextAnswer(child);
      child.send({ type: "check" } satisfies VictimQuestion);
      const said = await answer;
      if (said.type !== "checked") throw new Error(JSON.stringify(said));
      return said.usedBytes;
    },
    end: async () => {
      for (const close of closing.splice(0)) close();
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.send({ type: "end" } satisfies VictimQuestion);
      await gone;
    },
  };
}

function nextAnswer(child: ChildProcess): Promise<VictimAnswer> {
  return new Promise((resolve, reject) => {
    const isOver = child.exitCode ?? child.signalCode;
    if (isOver !== null) return reject(new Error(`the victim is dead: ${isOver}`));
    const onExit = (code: number | null, signal: string | null): void =>
      reject(new Error(`the victim died: ${code ?? signal}`));
    child.once("exit", onExit);
    child.once("message", (answer) => {
      child.off("exit", onExit);
      resolve(answer as VictimAnswer);
    });
  });
}

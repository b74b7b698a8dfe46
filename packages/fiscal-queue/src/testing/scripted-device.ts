/**
 * A device that numbers, signs and prints in one act, and may fall silent after it did.
 *
 * @module
 */

import { err, hex, ok, utf8 } from "@tillmesh/kernel";
import { createHash } from "node:crypto";
import type { AskAnswer, FiscalSigner, SignRequest } from "../ports.ts";

export type DeviceBehaviour =
  | "sign"
  /** It signs, and the answer never comes. */
  | "sign-then-silent"
  /** It neither signs nor answers. */
  | "silent"
  /** It says that it cannot. */
  | "refuse";

export interface ScriptedDevice extends FiscalSigner {
  script(...behaviours: readonly DeviceBehaviour[]): void;
  /** Whether it answers questions about the past. */
  setReachable(isReachable: boolean): void;
  /** What it has signed, as hex of the data, in order. It numbers them itself. */
  signed(): readonly string[];
}

/** The signature is the device's own number and a hash, as text. */
export function createScriptedDevice(): ScriptedDevice {
  const journal: string[] = [];
  let behaviours: readonly DeviceBehaviour[] = [];
  let isReachable = true;
  const act = (data: Uint8Array): Uint8Array => {
    journal.push(hex(data));
    return signatureOf(data, journal.length);
  };
  return {
    script: (...next) => {
      behaviours = [...behaviours, ...next];
    },
    setReachable: (is) => {
      isReachable = is;
    },
    signed: () => journal,
    sign: ({ data }) => {
      const [behaviour = "sign", ...rest] = behaviours;
      behaviours = rest;
      if (behaviour === "sign") return Promise.resolve(ok(act(data)));
      if (behaviour === "sign-then-silent") act(data);
      const refusal = { type: "SignFailed", reason: "out of paper", isUnknown: false } as const;
      return behaviour === "refuse" ? Promise.resolve(err(refusal)) : new Promise(() => undefined);
    },
    ask: (request) => Promise.resolve(isReachable ? answer(request, journal) : unknown),
  };
}

const unknown: AskAnswer = { type: "unknown", reason: "no connection to the device" };

function answer({ data }: SignRequest, journal: readonly string[]): AskAnswer {
  const at = journal.indexOf(hex(data));
  return at < 0 ? { type: "absent" } : { type: "signed", signature: signatureOf(data, at + 1) };
}

function signatureOf(data: Uint8Array, number: number): Uint8Array {
  const digest = createHash("sha256").update(data).digest("hex").slice(0, 16);
  return utf8(`device ${number} ${digest}`);
}

/**
 * Every fiscal chain of a device, checked by its own regime from its first document.
 *
 * @module
 */

import type { HeldEntry } from "@tillmesh/kernel";
import {
  streamIdOf,
  type FiscalCrypto,
  type SealContext,
  type StreamConfig,
  type Verifier,
  type VerifyFinding,
} from "@tillmesh/fiscal-queue";
import {
  noFiscal,
  stepFiscal,
  type FiscalState,
  type OpenStream,
  type StreamFault,
} from "./fiscal-state.ts";
import { regimeNamed } from "./regimes.ts";

export interface ChainFinding {
  readonly stream: string;
  readonly number: string;
  readonly code: string;
  readonly detail: string;
}

export interface ChainVerifier {
  /** Entries of one device, in their order. */
  step(held: HeldEntry): void;
  /** All there is; at most `findingsMax`. */
  end(): ChainsVerified;
}

export interface ChainsVerified {
  readonly documents: number;
  readonly streams: number;
  readonly findings: readonly ChainFinding[];
}

export interface VerifyPorts {
  readonly crypto: FiscalCrypto;
  /** What only the device that sealed holds; without it less is checked. */
  readonly secretsOf: (config: StreamConfig) => Readonly<Record<string, Uint8Array>>;
}

export function chainVerifier({ crypto, secretsOf }: VerifyPorts): ChainVerifier {
  let state: FiscalState = noFiscal;
  let open: { readonly config: StreamConfig; readonly verifier: Verifier } | undefined;
  let [documents, streams] = [0, 0];
  const findings: ChainFinding[] = [];
  const add = (found: readonly VerifyFinding[]) => {
    const stream = open === undefined ? "" : streamIdOf(open.config);
    for (const { number, code, detail } of found) {
      if (findings.length < findingsMax) findings.push({ stream, number, code, detail });
    }
  };
  const begin = (config: StreamConfig) => {
    add(open?.verifier.end() ?? []);
    streams += 1;
    const context: SealContext = {
      // With the keys of the document at hand.
      get config() {
        return state.stream?.config ?? config;
      },
      secrets: secretsOf(config),
      crypto,
    };
    const verifier = regimeNamed(config.regime)?.verifier(context);
    open = verifier && { config, verifier };
  };
  return {
    step: (held) => {
      const before = state.stream;
      const { state: after, document } = stepFiscal(state, held, crypto);
      state = after;
      const { stream } = after;
      if (stream === null) return;
      if (!isSameOpening(stream, before)) begin(stream.config);
      if (document !== undefined) {
        documents += 1;
        add(open?.verifier.step(document) ?? []);
      }
      const { fault } = stream;
      if (fault !== undefined && before?.fault === undefined) add([faultFinding(fault)]);
    },
    end: () => {
      add(open?.verifier.end() ?? []);
      return { documents, streams, findings };
    },
  };
}

const findingsMax = 1000;

type Opening = Pick<OpenStream, "incarnation" | "openedAt">;

function isSameOpening(stream: Opening, before: Opening | null): boolean {
  return stream.openedAt === before?.openedAt && stream.incarnation === before.incarnation;
}

function faultFinding({ sequence, code, detail }: StreamFault): VerifyFinding {
  return { sequence, number: "", code, detail };
}

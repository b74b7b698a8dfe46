/**
 * Envelopes in clear, for tests of what only stores and passes on.
 *
 * @module
 */

import { utf8 } from "@tillmesh/kernel";
import { testCrypto, testSigner } from "@tillmesh/kernel/testing";
import { sealEnvelope, type Envelope, type Lane } from "@tillmesh/sync-engine/relay-protocol";

export interface SampleEnvelope {
  readonly channel: Uint8Array;
  readonly lane?: Lane;
  readonly publisher?: string;
  readonly run?: number;
  readonly sequence: number;
  /** What it carries; another text is another hash. */
  readonly text?: string;
}

export function sampleEnvelope(sample: SampleEnvelope): Envelope {
  const { channel, lane = 1, publisher = "dev_sample", run = 1, sequence, text = "" } = sample;
  return sealEnvelope(
    {
      version: 1,
      channel,
      lane,
      publisher,
      run: new Uint8Array(8).fill(run),
      sequence,
      previous: new Uint8Array(32),
      epoch: 0,
      nonce: new Uint8Array(24),
    },
    utf8(text),
    { key: undefined, signer, crypto },
  );
}

/** A channel id by number. */
export function sampleChannel(number: number): Uint8Array {
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(0, number);
  return id;
}

const signer = testSigner(1);
const crypto = testCrypto(1);

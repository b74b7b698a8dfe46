/**
 * What an operator may set about the JetStream backend.
 *
 * @module
 */

export interface NatsSettings {
  /** Of all streams, subjects and buckets: relays with the same prefix share their logs. */
  readonly prefix: string;
  /** Copies of each new stream and of the bucket; 3 on a cluster. */
  readonly replicas: number;
  /** Of one stream, which is an organisation's lane, as JetStream counts. Beyond it appends are refused; nothing old is dropped. */
  readonly streamMaxBytes: number | undefined;
  /** Envelopes older than that are let go of, whoever needs them. Undefined: none is. */
  readonly ageMaxMs: number | undefined;
  /** How long JetStream itself knows an envelope again. Later the chain does. */
  readonly duplicateWindowMs: number;
  /** Without an answer for so long it is "unavailable". */
  readonly requestTimeoutMs: number;
  /** Of envelopes that wait for their acknowledgement in this process; beyond it appends are refused. */
  readonly waitingMaxBytes: number;
  /** A larger envelope is kept in pieces; also never more than the server takes in a message. */
  readonly pieceMaxBytes: number;
  /** How often watched streams are asked whether a notice was lost. */
  readonly watchCheckMs: number;
  /** How old an answer about usage may be. */
  readonly usageMaxAgeMs: number;
}

export const defaultNatsSettings: NatsSettings = {
  prefix: "tillmesh",
  replicas: 1,
  streamMaxBytes: undefined,
  ageMaxMs: undefined,
  duplicateWindowMs: 120_000,
  requestTimeoutMs: 5_000,
  waitingMaxBytes: 67_108_864,
  pieceMaxBytes: 524_288,
  watchCheckMs: 10_000,
  usageMaxAgeMs: 5_000,
};

/** What is wrong with settings that come from a file, if something is. */
export function faultInSettings(settings: NatsSettings): string | undefined {
  const { prefix, replicas, ageMaxMs, duplicateWindowMs, pieceMaxBytes } = settings;
  for (const [name, value] of Object.entries(settings)) {
    if (!(name in defaultNatsSettings)) return `${name}: no such setting`;
    if (name !== "prefix" && value !== undefined && !isCount(value)) {
      return `${name}: a whole number above 0`;
    }
  }
  const faults = [
    [/^[A-Za-z0-9_-]{1,32}$/.test(prefix), "prefix: 1 to 32 of A-Z a-z 0-9 _ -"],
    [[1, 3, 5].includes(replicas), "replicas: 1, 3 or 5"],
    [duplicateWindowMs >= 100, "duplicateWindowMs: at least 100"],
    [(ageMaxMs ?? Infinity) >= duplicateWindowMs, "ageMaxMs: not below duplicateWindowMs"],
    [pieceMaxBytes >= pieceMinBytes, `pieceMaxBytes: at least ${pieceMinBytes}`],
  ] as const;
  return faults.find(([isRight]) => !isRight)?.[1];
}

/** With smaller ones the list of pieces of an envelope would itself not fit into a message. */
export const pieceMinBytes = 32_768;

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

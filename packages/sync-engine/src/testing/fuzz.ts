/**
 * Frames that nobody would send, by the hundred thousand, against anything that listens. SPEC.md §8 (FZ).
 *
 * A surface is a name, frames to begin with, and a way to send one; the runner knows nothing else. All follows from
 * the seed but for the timing of sockets.
 *
 * @module
 */

export interface FuzzSurface {
  readonly name: string;
  /** Frames as honest peers send them: they are damaged byte by byte. */
  readonly recorded: readonly Uint8Array[];
  /** Frames made up by rule, well-formed at first sight. */
  madeUp(seed: number, count: number): readonly Uint8Array[];
  /** Sends one frame, over a new connection if the last is closed; resolved when it was dealt with. */
  send(frame: Uint8Array): Promise<void>;
  /** Throws unless the process lives and an honest peer gets through. Answers with the bytes it uses after a collection. */
  check(): Promise<number>;
  close(): Promise<void>;
}

export interface FuzzPlan {
  readonly frames: number;
  readonly seed: number;
  /** How many times to check on the way. */
  readonly checks: number;
  /** By how much memory may differ between the first check, after a tenth of the frames, and any later one. */
  readonly growthMaxBytes: number;
}

export interface FuzzReport {
  readonly surface: string;
  readonly frames: number;
  /** In order. */
  readonly usedBytes: readonly number[];
}

/** Throws at the first check that fails. */
export async function runFuzz(
  surface: FuzzSurface,
  plan: FuzzPlan,
  tell: (report: FuzzReport) => void = () => undefined,
): Promise<FuzzReport> {
  const random = randomFrom(plan.seed);
  const usedBytes: number[] = [];
  let frames = 0;
  let madeUp: readonly Uint8Array[] = [];
  for (const until of milestones(plan)) {
    for (; frames < until; frames += 1) {
      if (frames % madeUpLength === 0) madeUp = surface.madeUp(plan.seed + frames, madeUpLength);
      await surface.send(nextFrame(surface.recorded, madeUp[frames % madeUpLength], random));
    }
    usedBytes.push(await surface.check());
    tell({ surface: surface.name, frames, usedBytes });
    const [first = 0] = usedBytes;
    const growth = Math.max(...usedBytes) - first;
    if (growth > plan.growthMaxBytes) {
      throw new Error(`${surface.name}: ${growth} bytes more after ${frames} frames`);
    }
  }
  return { surface: surface.name, frames, usedBytes };
}

const madeUpLength = 1_000;

/** A tenth first, so that what is loaded once is there. */
function milestones({ frames, checks }: FuzzPlan): readonly number[] {
  const first = Math.ceil(frames / 10);
  const later = Array.from({ length: checks }, (_, index) => {
    return first + Math.ceil(((frames - first) * (index + 1)) / checks);
  });
  return [first, ...later];
}

function nextFrame(
  recorded: readonly Uint8Array[],
  madeUp: Uint8Array | undefined,
  random: FuzzRandom,
): Uint8Array {
  const isMadeUp = madeUp !== undefined && random(2) === 0;
  const frame = isMadeUp ? madeUp : (recorded[random(recorded.length)] ?? new Uint8Array(0));
  // Some go as they are: what follows them meets a peer that believed something.
  return random(isMadeUp ? 2 : 8) === 0 ? frame : mutate(frame, random);
}

/** A whole number from 0 up to and without `below`. */
export type FuzzRandom = (below: number) => number;

/** xorshift32: small, and the same everywhere. */
export function randomFrom(seed: number): FuzzRandom {
  let state = (seed ^ 0x9e37_79b9) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return below === 0 ? 0 : state % below;
  };
}

/** Up to four damages: bits, bytes, pieces left out, doubled, moved or cut off. */
export function mutate(frame: Uint8Array, random: FuzzRandom): Uint8Array {
  let bytes = frame;
  for (let left = 1 + random(4); left > 0; left -= 1) {
    const damage = damages[random(damages.length)];
    if (damage) bytes = damage(bytes, random);
  }
  return bytes;
}

type Damage = (bytes: Uint8Array, random: FuzzRandom) => Uint8Array;

const damages: readonly Damage[] = [
  (bytes, random) => changeAt(bytes, random, (byte) => byte ^ (1 << random(8))),
  (bytes, random) => changeAt(bytes, random, () => random(256)),
  (bytes, random) => changeAt(bytes, random, () => telling[random(telling.length)] ?? 0),
  (bytes, random) => bytes.slice(0, random(bytes.length + 1)),
  (bytes, random) => splice(bytes, [random(bytes.length + 1), 1 + random(8)], new Uint8Array(0)),
  (bytes, random) => {
    const from = random(bytes.length + 1);
    const piece = bytes.slice(from, from + 1 + random(32));
    return splice(bytes, [random(bytes.length + 1), 0], piece);
  },
  (bytes, random) => {
    const noise = Uint8Array.from({ length: 1 + random(16) }, () => random(256));
    return splice(bytes, [random(bytes.length + 1), 0], noise);
  },
];

/** Ends of ranges, quotes and brackets, the majors of CBOR, records of TLS. */
const telling = [
  0, 1, 0x7f, 0x80, 0xff, 0x22, 0x5b, 0x5d, 0x7b, 0x7d, 0x2c, 0x2d, 0x39, 0x5c, 0x1b, 0x3b, 0x5f,
  0x9f, 0xbf, 0xf6, 0xf7, 0xfb, 0x14, 0x15, 0x16, 0x17, 0x0a, 0x0d,
];

function changeAt(
  bytes: Uint8Array,
  random: FuzzRandom,
  change: (byte: number) => number,
): Uint8Array {
  const changed = bytes.slice();
  const at = random(bytes.length);
  const byte = changed[at];
  if (byte !== undefined) changed[at] = change(byte);
  return changed;
}

function splice(
  bytes: Uint8Array,
  [at, leaveOut]: readonly [number, number],
  piece: Uint8Array,
): Uint8Array {
  const rest = bytes.subarray(at + leaveOut);
  const spliced = new Uint8Array(at + piece.length + rest.length);
  spliced.set(bytes.subarray(0, at));
  spliced.set(piece, at);
  spliced.set(rest, at + piece.length);
  return spliced;
}

/**
 * Samples, their percentiles, and the lines a run prints.
 *
 * @module
 */

import { cpus, loadavg, release, totalmem } from "node:os";

/** Milliseconds of one thing, measured many times. */
export type Samples = readonly number[];

/** The value that `share` of the samples do not exceed. */
export function percentile(samples: Samples, share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const index = Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1);
  return sorted[Math.max(0, index)] ?? Number.NaN;
}

export function median(samples: Samples): number {
  return percentile(samples, 0.5);
}

/** How long `work` held the thread. */
export function timed(work: () => unknown): number {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}

/** `name  p50 0.123 ms  p99 0.456 ms  max 0.789 ms  (1000)` */
export function printSamples(name: string, samples: Samples): void {
  const [p50, p99, max] = [median(samples), percentile(samples, 0.99), percentile(samples, 1)].map(
    (ms) => ms.toFixed(3).padStart(9),
  );
  print(`  ${name.padEnd(46)} p50${p50} ms  p99${p99} ms  max${max} ms  (${samples.length})`);
}

/** A figure beside what it is held to. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly unit: "x" | "us" | "ms" | "s" | "MB" | "kB" | "B";
  /** The figure must not exceed it, or with `isFloor` must not fall below. */
  readonly bar: number;
  readonly isFloor?: boolean;
}

export function printBar({ name, value, unit, bar, isFloor = false }: Bar): void {
  const isMet = isFloor ? value >= bar : value <= bar;
  const sign = isFloor ? ">=" : "<=";
  const figure = `${value.toFixed(1)} ${unit}`;
  print(
    `  ${isMet ? "met   " : "MISSED"} ${name.padEnd(52)} ${figure.padStart(11)}  (bar ${sign} ${bar} ${unit})`,
  );
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The machine, as far as it explains a figure. */
export function printMachine(): void {
  const [cpu] = cpus();
  const memoryGb = (totalmem() / 2 ** 30).toFixed(1);
  const load = loadavg()[0]?.toFixed(1) ?? "";
  print(
    `${cpus().length} x ${cpu?.model ?? "?"}, ${memoryGb} GiB, ${process.platform} ${release()}`,
  );
  print(`Node ${process.version}, load ${load} at the start`);
}

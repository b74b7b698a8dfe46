/**
 * Numbers for Prometheus, in its text format 0.0.4.
 *
 * Written here because it is forty lines: the usual client brings three packages and a registry of objects for what
 * are, on the path of every frame, additions to plain numbers.
 *
 * @module
 */

/** Grows only. */
export interface Counter {
  add(count?: number): void;
}

export interface Histogram {
  observe(value: number): void;
}

export interface Metrics {
  /** `labels` as they stand between braces: `code="fork"`. */
  counter(name: string, help: string, labels?: string): Counter;
  histogram(name: string, help: string, bounds: readonly number[]): Histogram;
  /** Asked when the page is. */
  gauges(read: () => Promise<Readonly<Record<string, number>>>): void;
  page(): Promise<string>;
}

export function createMetrics(prefix: string): Metrics {
  const families = new Map<string, Family>();
  const gauges: (() => Promise<Readonly<Record<string, number>>>)[] = [];
  const familyOf = (name: string, help: string, type: Family["type"]): Family => {
    const family = families.get(name) ?? { help, type, series: new Map() };
    families.set(name, family);
    return family;
  };
  return {
    counter: (name, help, labels = "") => {
      const { series } = familyOf(name, help, "counter");
      const one = series.get(labels) ?? { value: 0 };
      series.set(labels, one);
      return { add: (count = 1) => void (one.value += count) };
    },
    histogram: (name, help, bounds) => createHistogram(familyOf(name, help, "histogram"), bounds),
    gauges: (read) => void gauges.push(read),
    page: async () => {
      const lines = [...families].flatMap(([name, family]) => linesOf(prefix + name, family));
      for (const read of gauges) {
        for (const [name, value] of Object.entries(await read())) {
          lines.push(`# TYPE ${prefix}${name} gauge`, `${prefix}${name} ${value}`);
        }
      }
      return `${lines.join("\n")}\n`;
    },
  };
}

interface Family {
  readonly help: string;
  readonly type: "counter" | "histogram";
  /** By suffix and labels. */
  readonly series: Map<string, { value: number }>;
}

function createHistogram({ series }: Family, bounds: readonly number[]): Histogram {
  const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound) => {
    const one = { value: 0 };
    series.set(`_bucket le="${bound === Number.POSITIVE_INFINITY ? "+Inf" : bound}"`, one);
    return { bound, one };
  });
  const sum = { value: 0 };
  const count = { value: 0 };
  series.set("_sum ", sum);
  series.set("_count ", count);
  return {
    observe: (value) => {
      for (const { bound, one } of buckets) if (value <= bound) one.value += 1;
      sum.value += value;
      count.value += 1;
    },
  };
}

function linesOf(name: string, { help, type, series }: Family): readonly string[] {
  const lines = Array.from(series, ([key, { value }]) => {
    const [suffix = "", labels = ""] = type === "histogram" ? key.split(" ") : ["", key];
    return `${name}${suffix}${labels === "" ? "" : `{${labels}}`} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}

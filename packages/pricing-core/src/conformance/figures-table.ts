/**
 * The figures of CONFORMANCE.md, as text.
 *
 * @module
 */

import { rateOf, totalOf, type Figures } from "./verdict.ts";

/** One row per suite, then one for all. */
export function suitesTable(figures: readonly Figures[]): string {
  const names = [...new Set(figures.map(({ suite }) => suite))];
  const rows = names.map((name) =>
    totalOf(
      name,
      figures.filter(({ suite }) => suite === name),
    ),
  );
  const lines = [...rows, totalOf("all", figures)].map(
    (row) => `| ${row.suite} | ${countsOf(row)} |`,
  );
  return tableOf(["suite", ...countHeads], lines);
}

/** One row per policy of a suite. */
export function policiesTable(figures: readonly Figures[]): string {
  const lines = figures.map((row) => `| ${row.suite} | ${row.policy} | ${countsOf(row)} |`);
  return tableOf(["suite", "policy", ...countHeads], lines);
}

const countHeads = ["cases", "supported", "pass", "deviate", "pass rate of supported"];

function countsOf(row: Figures): string {
  const { cases, supported, passed } = row;
  return [cases, supported, passed, supported - passed, rateOf(row)].join(" | ");
}

function tableOf(heads: readonly string[], lines: readonly string[]): string {
  const rule = heads.map((head) => (head === "suite" || head === "policy" ? "---" : "---:"));
  return [`| ${heads.join(" | ")} |`, `| ${rule.join(" | ")} |`, ...lines].join("\n");
}

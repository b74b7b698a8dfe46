/**
 * What an import is asked and answers.
 *
 * @module
 */

import { err, type Result } from "@tillmesh/kernel";
import type { Refusal } from "../http/problem.ts";
import type { ColumnMap, ImportError } from "./import-file.ts";
import type { Call } from "./record.ts";
import type { Till } from "./till.ts";

export interface ImportRequest {
  readonly kind: "catalogue" | "taxes" | "promotions";
  readonly text: string;
  /** Of a file with columns. */
  readonly map: ColumnMap;
}

export interface Imported {
  readonly rows: number;
  /** What differed and was published, by topic. */
  readonly published: Readonly<Record<string, number>>;
  /** SKUs that were given an opening stock. */
  readonly openingStock: number;
  /** Tax codes that the file uses and no tax table has. */
  readonly unknownTaxCodes: readonly string[];
}

export type Importer = (
  till: Till,
  call: Call,
  request: ImportRequest,
) => Promise<Result<Imported, Refusal>>;

export function refuseFile({ faults }: ImportError): Result<never, Refusal> {
  return err({
    type: "ImportFaults",
    detail: `The file has ${faults.length} faults; nothing of it was imported.`,
    faults: faults.map(({ line, column, detail }) => {
      return {
        pointer: column === "" ? `line ${line}` : `line ${line}, ${column}`,
        code: "csv",
        detail,
      };
    }),
  });
}

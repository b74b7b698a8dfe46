/**
 * Files into the shop, and the shop's records checked.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { hex, utf8 } from "@tillmesh/kernel";
import { problemOf } from "../http/problem.ts";
import { allRights } from "../identity/actor.ts";
import { importFile } from "../till/import.ts";
import type { Imported, ImportRequest } from "../till/import-request.ts";
import { verifyTill, type VerifyAnswer } from "../till/verify.ts";
import type { Arguments } from "./arguments.ts";
import { dataOption, type Command } from "./command.ts";
import { controlOf, toldProblem } from "./control-client.ts";
import { readText } from "./read-file.ts";
import { CommandError, UsageError, type Output } from "./output.ts";
import { withTill } from "./with-till.ts";

export const importCatalogueCommand: Command = importCommand(
  "catalogue",
  "Articles, prices and opening stock from CSV; again to update, never the stock twice",
);

export const importTaxesCommand: Command = importCommand("taxes", "Tax rates from CSV");

export const importPromotionsCommand: Command = {
  name: "import promotions",
  summary: "Promotions from JSON; again to update",
  positionals: ["FILE.json"],
  options: { ...dataOption },
  run: async (args, output) => {
    const text = readText(args.positionals[0] ?? "");
    const imported = await runImport(args, { kind: "promotions", text, map: {} });
    tellImported("promotions", imported, output);
    return 0;
  },
};

export const verifyCommand: Command = {
  name: "verify",
  summary: "Fold all entries again and compare; exit code 1 on a difference",
  options: { ...dataOption, json: { type: "boolean" } },
  run: async (args, output) => {
    const control = await controlOf(args.text("data"));
    const answer =
      control === undefined
        ? await withTill(args.text("data"), verifyTill)
        : ((await control.post("/control/verify", {})) as VerifyAnswer);
    if (args.is("json")) output.out(`${JSON.stringify(answer)}\n`);
    else tellVerified(answer, output);
    return answer.ok ? 0 : 1;
  },
};

function importCommand(kind: "catalogue" | "taxes", summary: string): Command {
  return {
    name: `import ${kind}`,
    summary,
    positionals: ["FILE.csv"],
    options: { ...dataOption, map: { type: "string", multiple: true, value: "COLUMN=HEADER" } },
    run: async (args, output) => {
      const text = readText(args.positionals[0] ?? "");
      const imported = await runImport(args, { kind, text, map: readMap(args.all("map")) });
      tellImported(kind, imported, output);
      return 0;
    },
  };
}

async function runImport(args: Arguments, request: ImportRequest): Promise<Imported> {
  const control = await controlOf(args.text("data"));
  if (control !== undefined) return (await control.post("/control/import", request)) as Imported;
  return withTill(args.text("data"), async (till, { crypto }) => {
    const actor = {
      by: { device: till.replica.device.id },
      name: "command line",
      rights: allRights,
    };
    const bodyHash = hex(crypto.sha256(utf8(request.text)));
    const call = { actor, request: { key: `import-${randomUUID()}`, bodyHash } };
    const imported = await importFile(till, call, request);
    if (!imported.ok) throw new CommandError(toldProblem(problemOf(imported.error)));
    return imported.value;
  });
}

/** `price=price_gbp`: our column, and what the file calls it. */
function readMap(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts
      .flatMap((text) => text.split(","))
      .map((text) => {
        const [column = "", header = ""] = text.split("=", 2).map((word) => word.trim());
        if (column === "" || header === "")
          throw new UsageError(`--map "${text}" is not COLUMN=HEADER.`);
        if (!columns.includes(column)) {
          throw new UsageError(
            `--map: there is no column "${column}", only ${columns.join(", ")}.`,
          );
        }
        return [column, header];
      }),
  );
}

const columns = [
  "sku",
  "barcode",
  "name",
  "department",
  "unit",
  "price",
  "tax_code",
  "opening_stock",
  "tags",
  "deposit",
  "take_away_tax_code",
  "rate_percent",
];

function tellImported(kind: string, imported: Imported, output: Output): void {
  const published = Object.entries(imported.published).map(([topic, count]) => `${topic} ${count}`);
  const stock = kind === "catalogue" ? `; opening stock ${imported.openingStock}` : "";
  const what = kind === "promotions" ? kind : "rows";
  output.out(`${imported.rows} ${what}; changed: ${published.join(", ")}${stock}\n`);
  if (imported.unknownTaxCodes.length > 0) {
    output.say(
      `No rate is known yet for tax code ${imported.unknownTaxCodes.join(", ")}: import the tax table.`,
    );
  }
}

function tellVerified(answer: VerifyAnswer, output: Output): void {
  const { entries, ledgers, devices, missingParts, differences, exceptions } = answer;
  output.out(
    `${entries} entries in ${ledgers} ledgers of ${devices} devices: ${answer.ok ? "all agrees" : "DIFFERENCES"}\n`,
  );
  for (const { type, where, detail } of differences) output.out(`${type} ${where}: ${detail}\n`);
  if (missingParts > 0) output.say(`${missingParts} parts of other devices have not arrived here.`);
  if (exceptions.length > 0)
    output.say(`${exceptions.length} exceptions for a person to look at: GET /exceptions.`);
}

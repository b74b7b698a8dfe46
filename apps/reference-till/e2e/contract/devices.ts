/**
 * The command line: devices, tokens, imports, and what is refused.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import {
  gbp,
  type Named,
  type Page,
  type Price,
  type Product,
  type Report,
  type Sale,
  type Stock,
} from "../harness/answers.ts";
import { must, type Api } from "../harness/api.ts";
import { eventually } from "../harness/eventually.ts";
import { catalogueCsv, priceMap } from "../harness/corner-shop.ts";
import { writeText } from "../harness/folders.ts";
import {
  startTillmesh,
  tillmesh,
  tillmeshDone,
  tillmeshToFile,
  type Ending,
} from "../harness/programs.ts";
import { serve } from "../harness/serving.ts";
import { copyDirectory, joinShop, tokenFor } from "../harness/shop.ts";
import { saleBody, type Cases } from "./pair.ts";

export const commandCases: Cases = {
  "what makes no sense is refused with a sentence": async ({ folder, first, second }) => {
    const nowhere = path.join(folder, "nowhere");
    const endings = await inPairs([
      ["sell", "--data", first.directory],
      ["init", "--data", nowhere, "--org", "A", "--location", "B", "--device", "C"],
      [
        "init",
        "--data",
        nowhere,
        "--org",
        "A",
        "--location",
        "B",
        "--device",
        "C",
        "--currency",
        "pounds",
      ],
      ["token", "--data", nowhere, "--name", "x"],
      ["verify", "--data", nowhere],
      [
        "invite",
        "--data",
        second.directory,
        "--device",
        "X",
        "--role",
        "till",
        "--location",
        "Harbour",
      ],
      ["join", "--data", nowhere, "--invite", path.join(folder, "catalogue.csv")],
      ["replace", "--data", nowhere, "--backup", path.join(folder, "catalogue.csv")],
      ["import", "catalogue", path.join(folder, "absent.csv"), "--data", first.directory],
    ]);
    for (const { code, stderr } of endings) {
      expect(code, stderr).toBeGreaterThan(0);
      expect(stderr.trim()).toMatch(/^\S.{10,}/);
      expect(stderr).not.toMatch(/\n\s+at |node:internal/);
    }
    expect(fs.existsSync(path.join(nowhere, "identity"))).toBe(false);
  },

  "a device is made once: init and join refuse a directory that has one": async ({
    folder,
    first,
    second,
  }) => {
    const before = fs.readdirSync(second.directory).toSorted();
    const names = ["--org", "A", "--location", "B", "--device", "C", "--currency", "GBP"];
    const invite = path.join(folder, "till-2.invite");
    const endings = await inPairs([
      ["init", "--data", first.directory, ...names],
      ["join", "--data", second.directory, "--invite", invite],
      ["join", "--data", first.directory, "--invite", invite],
    ]);
    expect(endings.map(({ code }) => code !== 0)).toEqual([true, true, true]);
    expect(fs.readdirSync(second.directory).toSorted()).toEqual(before);
  },

  "one service per directory": async ({ first }) => {
    const program = startTillmesh(["serve", "--data", first.directory, "--http", "0"], {
      timeMaxMs: 30_000,
    });
    const { code, signal, stderr } = await program.ended;
    expect([signal, code !== 0], stderr).toEqual([null, true]);
  },

  "an address that cannot be listened on, or a relay that is not safe, is refused": async ({
    folder,
    first,
  }) => {
    const directory = path.join(folder, "lan-copy");
    copyDirectory(first.directory, directory);
    const args = ["serve", "--data", directory, "--http", "0"];
    const endings = await inPairs([
      [...args, "--lan", "192.0.2.1:7000"],
      [...args, "--relay", "ws://relay.example"],
      [...args, "--relay", "relay.example"],
      [...args, "--no-lan", "--lan", "7000"],
    ]);
    for (const { code, signal, stderr } of endings) {
      expect([signal, code !== 0], stderr).toEqual([null, true]);
      expect(stderr).toMatch(/192\.0\.2\.1|wss:\/\/|--no-lan/);
    }
  },

  "a token made while it serves works at once; of the same name, the newer one": async ({
    tills: [{ api }],
    first,
  }) => {
    const token = await tokenFor(first.directory, "erp");
    must(await api.as(token).get("/status"), 200);
    const newer = await tokenFor(first.directory, "erp");
    must(await api.as(newer).get("/status"), 200);
    expect((await api.as(token).get("/status")).status).toBe(401);
    expect((await api.as(`${newer.slice(0, -1)}_`).get("/status")).status).toBe(401);
  },

  "a device that is invited while headquarters serves can join": async ({
    folder,
    first,
    tills: [{ api }],
  }) => {
    const options = { folder, name: "Till 3", location: "Station", role: "hq" } as const;
    const third = await joinShop(first, options);
    const serving = await serve(third, { peers: [first.lanPort] });
    try {
      expect(must(await serving.api.get("/status"), 200)).toMatchObject({
        roles: ["hq"],
        location: { name: "Station" },
      });
      await eventually("the manager at the Station", async () => {
        const { items } = must(await serving.api.get<Page<Named>>("/staff"), 200);
        return items.length > 0 ? true : undefined;
      });
      const refused = await serving.api.post("/shifts", { float: gbp(0) });
      expect(refused).toMatchObject({ status: 403, body: { code: "NotTill" } });
      const { locations } = must(await api.get<Stock>("/stock/COF"), 200);
      expect(locations.map(({ location }) => location.name).toSorted()).toContain("Harbour");
    } finally {
      expect((await serving.stop()).code).toBe(0);
    }
    expect(
      (
        await tillmesh(
          "join",
          "--data",
          third.directory,
          "--invite",
          path.join(folder, "till-3.invite"),
        )
      ).code,
    ).not.toBe(0);
  },
};

export const importCases: Cases = {
  "a second import updates, and never repeats opening stock": async ({
    folder,
    first,
    tills: [{ api }],
  }) => {
    const before = must(await api.get<Stock>("/stock/TEA"), 200).locations;
    const dearer = catalogueCsv.replace("Tea,Drinks,each,2.40", "Green tea,Drinks,each,2.45");
    const file = writeText(folder, "dearer.csv", dearer);
    await tillmeshDone("import", "catalogue", file, "--data", first.directory, "--map", priceMap);
    expect(must(await api.get<Price>("/prices/TEA"), 200).price).toEqual(gbp(245));
    const found = must(await api.get<Page<Product>>("/products?query=green"), 200);
    expect(found.items.map(({ sku }) => sku)).toEqual(["TEA"]);
    const original = path.join(folder, "catalogue.csv");
    await tillmeshDone(
      "import",
      "catalogue",
      original,
      "--data",
      first.directory,
      "--map",
      priceMap,
    );
    expect(must(await api.get<Price>("/prices/TEA"), 200).price).toEqual(gbp(240));
    expect(must(await api.get<Stock>("/stock/TEA"), 200).locations.map(levels)).toEqual(
      before.map(levels),
    );
  },

  "a file with faults names their lines and changes nothing": async ({
    folder,
    first,
    second,
    tills: [{ api }],
  }) => {
    const faulty = `${catalogueCsv.replace("2.90", "2.905")}COF,,Again,,each,1.00,zero,0\nNEW,,New,,each,1.00,zero,1\n`;
    const file = writeText(folder, "faulty.csv", faulty);
    const args = ["import", "catalogue", file, "--map", priceMap, "--data"];
    const [atHq, elsewhere] = await inPairs([
      [...args, first.directory],
      [...args, second.directory],
    ]);
    expect(atHq?.code).toBeGreaterThan(0);
    expect(atHq?.stderr).toMatch(/\b2\b/);
    expect(atHq?.stderr).toMatch(/\b8\b/);
    expect(elsewhere?.code).toBeGreaterThan(0);
    expect(await api.get("/prices/NEW")).toMatchObject({ status: 404 });
    const unmapped = await tillmesh(
      "import",
      "catalogue",
      path.join(folder, "catalogue.csv"),
      "--data",
      first.directory,
    );
    expect(unmapped.code).toBeGreaterThan(0);
    expect(unmapped.stderr).toContain("price");
  },

  "verify finds nothing while it serves": async ({ first }) => {
    const { code, stdout, stderr } = await tillmesh("verify", "--data", first.directory, "--json");
    expect(code, stdout + stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  },
};

/** These stop the tills: last. */
export const restartCases: Cases = {
  "asked to stop, it ends with 0, and what was answered is there again": async ({
    tills,
    first,
    second,
  }) => {
    const [newest] = await tills[1].api.all<Sale>("/sales");
    await eventually("the Harbour's last sale at headquarters", async () => {
      const { status } = await tills[0].api.get(`/sales/${newest?.saleId}`);
      return status === 200 ? true : undefined;
    });
    const before = await Promise.all(tills.map(({ api }) => salesOf(api)));
    const endings = await Promise.all(tills.map((till) => till.stop()));
    expect(endings.map(({ code }) => code)).toEqual([0, 0]);
    for (const [index, device] of [first, second].entries()) {
      const again = await serve(device);
      const after = await salesOf(again.api);
      expect((await again.stop()).code).toBe(0);
      expect(after).toEqual(before[index]);
    }
  },

  "verify --json is clean, exit code 0; so is verify for people": async ({ first, second }) => {
    const endings = await inPairs([
      ["verify", "--data", first.directory, "--json"],
      ["verify", "--data", second.directory, "--json"],
      ["verify", "--data", second.directory],
    ]);
    expect(endings.map(({ code, stdout }) => [code, stdout.trim() !== ""])).toEqual([
      [0, true],
      [0, true],
      [0, true],
    ]);
    expect(JSON.parse(endings[0]?.stdout ?? "")).toMatchObject({ ok: true, differences: [] });
  },

  "verify mends what one copy lost, and exits with 1 where both copies are damaged": async ({
    folder,
    second,
  }) => {
    const [mendable, beyond] = ["one-copy", "both-copies"].map((name) =>
      path.join(folder, name),
    ) as [string, string];
    for (const directory of [mendable, beyond]) copyDirectory(second.directory, directory);
    flipBits(path.join(mendable, "checkpoints", "chunks"));
    flipBits(path.join(beyond, "checkpoints"));
    const endings = await inPairs([
      ["verify", "--data", mendable, "--json"],
      ["verify", "--data", beyond, "--json"],
    ]);
    expect(endings.map(({ code }) => code)).toEqual([0, 1]);
  },

  "a backup on a new disk goes on as a new incarnation, with a new series": async ({
    folder,
    second,
  }) => {
    const backup = path.join(folder, "till-2.backup");
    await tillmeshToFile(["backup", "--data", second.directory], backup);
    const directory = path.join(folder, "till-2-new-disk");
    await tillmeshDone("replace", "--data", directory, "--backup", backup);
    const device = { ...second, directory, token: await tokenFor(directory) };
    const serving = await serve(device);
    const { api } = serving;
    try {
      expect(must(await api.get("/status"), 200)).toMatchObject({
        device: { name: "Till 2" },
        incarnation: 2,
      });
      const known = await api.all<Sale>("/sales");
      expect(known.length).toBeGreaterThan(3);
      must(await api.post("/shifts", { float: gbp(0) }), 201);
      const sale = must(await api.post<Sale>("/sales", saleBody("COF", 1, 290)), 201);
      expect(sale.receiptNumber).toMatch(/-2-000001$/);
      expect(must(await api.get<Report>("/reports/x"), 200).sales.count).toBeGreaterThan(0);
    } finally {
      await serving.stop();
    }
    const verified = await tillmesh("verify", "--data", directory, "--json");
    expect(verified.code, verified.stdout).toBe(0);
    expect((await tillmesh("replace", "--data", directory, "--backup", backup)).code).not.toBe(0);
  },
};

/** One bit in the middle of every file. */
function flipBits(folder: string): void {
  const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  for (const file of files.filter((one) => one.isFile())) {
    const name = path.join(file.parentPath, file.name);
    const bytes = fs.readFileSync(name);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    fs.writeFileSync(name, bytes);
  }
}

/** Two at a time: each starts a process. */
async function inPairs(commands: readonly (readonly string[])[]): Promise<readonly Ending[]> {
  const endings: Ending[] = [];
  for (let index = 0; index < commands.length; index += 2) {
    const two = commands.slice(index, index + 2);
    endings.push(...(await Promise.all(two.map((args) => tillmesh(...args)))));
  }
  return endings;
}

/** Without how far they have got: that goes on. */
async function salesOf(api: Api): Promise<readonly object[]> {
  const sales = await api.all<Sale>("/sales");
  return sales.map((sale) => ({ ...sale, horizon: undefined }));
}

function levels({ location, onHand }: Stock["locations"][0]): string {
  return `${location.name}: ${onHand}`;
}

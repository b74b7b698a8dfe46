/**
 * Makes the demo's organisation, catalogue and devices, or finds those of the last time.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { err, newId, ok, type Json, type Movement, type Result } from "@tillmesh/kernel";
import { staffKey } from "@tillmesh/pricing-core";
import { stockDraft } from "@tillmesh/sales-ledger";
import { createOrganisation, joinOrganisation, organisationCa } from "@tillmesh/sync-engine/node";
import { deviceHome, withTill } from "../cli/with-till.ts";
import { fiscalTopic, regimeItem } from "../fiscal/location-regime.ts";
import { problemOf } from "../http/problem.ts";
import { allRights } from "../identity/actor.ts";
import { hashPin, newPin } from "../identity/pin.ts";
import { writePrivateFile } from "../identity/private-file.ts";
import { foundingItems, invite } from "../till/devices.ts";
import { importFile } from "../till/import.ts";
import { policyItems } from "../till/pricing-items.ts";
import { todayOf, type Till } from "../till/till.ts";
import { toldError } from "../told-errors.ts";

/** What the demo prints. Its PINs lie beside its data: it is a demo. */
export interface Demo {
  readonly version: 4;
  readonly organisation: string;
  readonly staff: readonly DemoStaff[];
}

export interface DemoStaff {
  readonly name: string;
  readonly role: "manager" | "cashier";
  readonly pin: string;
}

/** Each in a folder of its name; the first is headquarters. */
export const demoDevices = [
  { folder: "hq", name: "Headquarters", location: "Head Office", http: "httpHq" },
  { folder: "till-1", name: "Till 1", location: "High Street", http: "http1" },
  { folder: "till-2", name: "Till 2", location: "High Street", http: "http2" },
  { folder: "till-3", name: "Till 3", location: "Harbour", http: "http3" },
] as const;

export type DemoDevice = (typeof demoDevices)[number];

/** For the relay to trust. */
export const caFile = "org-ca.pem";

/** Undefined when there is no demo yet, or one of an older kind. */
export function readDemo(folder: string): Demo | undefined {
  const file = path.join(folder, demoFile);
  if (!fs.existsSync(file)) return undefined;
  const found = JSON.parse(fs.readFileSync(file, "utf8")) as Partial<Demo>;
  return found.version === 4 ? (found as Demo) : undefined;
}

/** Made beside its place and moved there whole, so that an interrupted first start leaves nothing half done. */
export async function foundDemo(folder: string, say: (text: string) => void): Promise<Demo> {
  say("making the demo: headquarters and two shops");
  const making = `${folder}.making`;
  fs.rmSync(making, { recursive: true, force: true });
  if (fs.existsSync(folder)) setAside(folder, say);
  fs.mkdirSync(making, { recursive: true });
  // Nothing in here belongs into a commit.
  fs.writeFileSync(path.join(making, ".gitignore"), "*\n");
  const [hqDevice, ...tills] = demoDevices;
  const hq = deviceHome(path.join(making, hqDevice.folder));
  const { name: deviceName, location: locationName } = hqDevice;
  valueOf(await createOrganisation(hq, { ...organisation, deviceName, locationName }));
  const staff = people.map((one) => ({ ...one, pin: newPin(hq.crypto.randomBytes) }));
  const { invitations, goods } = await withTill(hq.directory, async (till) => {
    valueOf(await till.replica.publish("organisation", foundingItems(till.replica)));
    const regime = { regime: "none", taxpayer: "", isTest: false, settings: {} };
    valueOf(await till.replica.publish(fiscalTopic, [regimeItem("*", regime)]));
    await publishStaff(till, staff);
    for (const kind of ["taxes", "catalogue", "promotions"] as const) await importDemo(till, kind);
    await publishPolicy(till);
    const made: string[] = [];
    for (const { name, location } of tills)
      made.push(valueOf(await invite(till, hq, { name, location, role: "till" })).invitation);
    return { invitations: made, goods: movementsOf(till) };
  });
  for (const [index, { folder: name, location }] of tills.entries()) {
    const home = deviceHome(path.join(making, name));
    valueOf(await joinOrganisation(home, invitations[index] ?? ""));
    const isFirst = tills.findIndex((one) => one.location === location) === index;
    if (isFirst) await withTill(home.directory, (till) => fillShelves(till, goods));
  }
  fs.writeFileSync(path.join(making, caFile), valueOf(await organisationCa(hq)));
  const demo: Demo = { version: 4, organisation: organisation.organisationName, staff };
  writePrivateFile(path.join(making, demoFile), `${JSON.stringify(demo, null, 2)}\n`);
  fs.renameSync(making, folder);
  return demo;
}

const demoFile = "demo.json";

const organisation = {
  organisationName: "Corner Café",
  currency: "GBP",
  timeZone: "Europe/London",
};

const people = [
  { name: "Maya", role: "manager" },
  { name: "Cal", role: "cashier" },
] as const;

/** Somebody's sales may be in it. */
function setAside(folder: string, say: (text: string) => void): void {
  const aside = `${folder}.old`;
  fs.rmSync(aside, { recursive: true, force: true });
  fs.renameSync(folder, aside);
  say(`the demo was of an older kind: it is set aside in ${path.basename(aside)}`);
}

async function publishStaff(till: Till, staff: readonly DemoStaff[]): Promise<void> {
  const items = await Promise.all(
    staff.map(async ({ name, role, pin }) => {
      const id = newId("staff", till.random);
      const value = { id, name, role, pin: { ...(await hashPin(pin, till.random)) } };
      return { key: staffKey({ id }), value };
    }),
  );
  valueOf(await till.replica.publish("staff", items));
}

const files = {
  taxes: "taxes.csv",
  catalogue: "catalogue.csv",
  promotions: "promotions.json",
} as const;

async function importDemo(till: Till, kind: keyof typeof files): Promise<void> {
  const actor = { by: { device: till.replica.device.id }, name: "demo", rights: allRights };
  const call = { actor, request: { key: `demo-${randomUUID()}`, bodyHash: "demo" } };
  const imported = await importFile(till, call, { kind, text: demoText(files[kind]), map: {} });
  valueOf(imported.ok ? ok(imported.value) : err({ ...problemOf(imported.error) }));
}

/** What a cashier may take off, which foreign cash is taken, and how much on vouchers that nobody can verify. */
async function publishPolicy(till: Till): Promise<void> {
  const policy = JSON.parse(demoText("policy.json")) as Json;
  const items = policyItems(till, policy, undefined);
  const checked = valueOf(items.ok ? items : err({ ...problemOf(items.error) }));
  valueOf(await till.replica.publish("policy", checked));
}

function demoText(file: string): string {
  return fs.readFileSync(path.join(import.meta.dirname, "..", "..", "demo", file), "utf8");
}

/** What the import put into headquarters' own stock. */
function movementsOf({ replica }: Till): readonly Movement[] {
  const { device, incarnation } = replica;
  const held = replica.entries({ device: device.id, incarnation, after: 0, limit: 1000 });
  return held.flatMap(({ entry }) => entry.movements ?? []);
}

/** As much on a shop's shelves. Its catalogue comes with the first contact. */
async function fillShelves(till: Till, goods: readonly Movement[]): Promise<void> {
  const { device, location } = till.replica;
  const movements = goods.map((movement) => ({ ...movement, location: location.id }));
  const context = { location: location.id, businessDate: todayOf(till), by: { device: device.id } };
  valueOf(await till.replica.commit(stockDraft(context, { reason: "Opening" }, movements)));
}

/** Founding on an empty folder has no expected failures. */
function valueOf<T>(result: Result<T, { readonly type: string }>): T {
  if (!result.ok) throw new Error(toldError(result.error));
  return result.value;
}

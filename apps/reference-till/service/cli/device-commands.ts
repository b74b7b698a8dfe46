/**
 * Making devices: the first of an organisation, invited ones, and those that come back.
 *
 * @module
 */

import { carryRule } from "../till/carry-rule.ts";
import fs from "node:fs";
import { isTimeZone } from "@tillmesh/kernel";
import { staffKey } from "@tillmesh/pricing-core";
import { newId, type StaffId } from "@tillmesh/kernel";
import {
  createOrganisation,
  invitationQr,
  joinOrganisation,
  makeKit,
  openReplica,
  readDeviceIdentity,
  recoverOrganisation,
  restoreDevice,
} from "@tillmesh/sync-engine/node";
import { fiscalSections, restoreFiscal } from "../fiscal/kit-sections.ts";
import { fiscalTopic, regimeItem, type LocationRegime } from "../fiscal/location-regime.ts";
import { isRight, type Right } from "../identity/actor.ts";
import { addMachineToken } from "../identity/machine-tokens.ts";
import { hashPin, newPin } from "../identity/pin.ts";
import { foundingItems, invite, type DeviceHome, type InviteRequest } from "../till/devices.ts";
import { toldError } from "../told-errors.ts";
import { dataOption, required, type Command } from "./command.ts";
import { controlOf, toldProblem } from "./control-client.ts";
import { CommandError, UsageError, type Output } from "./output.ts";
import { deviceHome, withTill } from "./with-till.ts";
import { problemOf } from "../http/problem.ts";
import { readText } from "./read-file.ts";
import { readRegime } from "./read-regime.ts";

export const initCommand: Command = {
  name: "init",
  summary: "Make the first device of an organisation: till and headquarters in one",
  options: {
    ...dataOption,
    org: required("NAME"),
    location: required("NAME"),
    device: required("NAME"),
    currency: required("GBP"),
    timezone: { type: "string", value: "Europe/London" },
    manager: { type: "string", value: "NAME" },
    regime: { type: "string", value: "at-rksv|es-verifactu|es-no-verifactu|sa-zatca|no-saft|none" },
    taxpayer: { type: "string", value: "NUMBER" },
    "regime-settings": { type: "string", value: "FILE.json" },
    authority: { type: "string", value: "URL" },
    json: { type: "boolean" },
  },
  run: async (args, output) => {
    const home = deviceHome(args.text("data"));
    const currency = args.text("currency");
    const timeZone = args.optional("timezone") ?? "Europe/London";
    if (!/^[A-Z]{3}$/.test(currency))
      throw new UsageError(`--currency "${currency}" is not three capital letters.`);
    if (!isTimeZone(timeZone)) throw new UsageError(`--timezone "${timeZone}" is not known.`);
    const regime = readRegime(args, { currency, timeZone, nowMs: home.clock.nowMs() });
    const created = await createOrganisation(home, {
      organisationName: args.text("org"),
      locationName: args.text("location"),
      deviceName: args.text("device"),
      currency,
      timeZone,
    });
    if (!created.ok) throw new CommandError(toldError(created.error));
    const manager = await found(home, args.optional("manager") ?? "Manager", regime);
    const { organisation, device } = created.value;
    tellFounded(output, { organisation, device, manager }, args.is("json"));
    if (regime.isTest) {
      output.say(`Receipts are sealed by ${regime.regime} with TEST keys, which they say.`);
    }
    return 0;
  },
};

export const inviteCommand: Command = {
  name: "invite",
  summary:
    "Invite a device, on the headquarters device; also while it serves. By file, or as a text or QR code to approve later",
  options: {
    ...dataOption,
    device: required("NAME"),
    role: required("till|hq"),
    location: required("NAME"),
    text: { type: "boolean" },
    qr: { type: "boolean" },
    approved: { type: "boolean" },
  },
  run: async (args, output) => {
    const role = args.text("role");
    if (role !== "till" && role !== "hq")
      throw new UsageError(`--role "${role}" is neither till nor hq.`);
    const form = args.is("text") || args.is("qr") ? "text" : "file";
    if (args.is("approved") && form === "file")
      throw new UsageError("--approved goes with --text or --qr; a file needs no approval.");
    const wanted = { name: args.text("device"), role, location: args.text("location") } as const;
    const invitation = await makeInvitation(args.text("data"), {
      ...wanted,
      form,
      isApproved: args.is("approved"),
    });
    output.out(ended(invitation));
    if (args.is("qr")) output.say(invitationQr(invitation, "terminal"));
    return 0;
  },
};

async function makeInvitation(directory: string, request: InviteRequest): Promise<string> {
  const control = await controlOf(directory);
  if (control !== undefined) {
    const { file, text } = (await control.post("/invitations", request)) as {
      readonly file: string | null;
      readonly text: string | null;
    };
    return file ?? text ?? "";
  }
  const invited = await withTill(directory, (till, home) => invite(till, home, request));
  if (!invited.ok) throw new CommandError(toldProblem(problemOf(invited.error)));
  return invited.value.invitation;
}

export const joinCommand: Command = {
  name: "join",
  summary: "Become the device that an invitation is for",
  options: {
    ...dataOption,
    invite: { type: "string", value: "FILE" },
    text: { type: "string", value: "TEXT" },
  },
  run: async (args, output) => {
    const [file, text] = [args.optional("invite"), args.optional("text")];
    if ((file === undefined) === (text === undefined))
      throw new UsageError("Either --invite FILE or --text TEXT.");
    const invitation = file === undefined ? (text ?? "") : readText(file);
    const joined = await joinOrganisation(deviceHome(args.text("data")), invitation);
    if (!joined.ok) throw new CommandError(toldError(joined.error));
    const { organisation, device, lan } = joined.value;
    output.say(
      `This is ${device.name} (${device.id}) of ${organisation.name} at ${device.location.name}.`,
    );
    const [peer] = lan;
    if (peer !== undefined)
      output.say(`Headquarters listens at ${peer.host}:${peer.port}: serve with --peer.`);
    return 0;
  },
};

export const tokenCommand: Command = {
  name: "token",
  summary: "Make a machine token; also while it serves. The same name again replaces it",
  options: {
    ...dataOption,
    name: required("NAME"),
    rights: { type: "string", value: "read,sell,..." },
  },
  run: async (args, output) => {
    const home = deviceHome(args.text("data"));
    const identity = await readDeviceIdentity(home);
    if (!identity.ok) throw new CommandError(toldError(identity.error));
    const name = args.text("name");
    if (!/^[\x21-\x7e][\x20-\x7e]{0,63}$/.test(name))
      throw new UsageError("--name is 1 to 64 visible characters.");
    const rights = readRights(args.optional("rights"));
    const token = addMachineToken(home, { name, ...(rights === undefined ? {} : { rights }) });
    if (!token.ok) throw new CommandError(toldError(token.error));
    output.out(`${token.value}\n`);
    return 0;
  },
};

export const backupCommand: Command = {
  name: "backup",
  summary: "This device in one file, on stdout. Secret: it holds the device's key",
  options: { ...dataOption },
  run: async (args) => {
    if (process.stdout.isTTY)
      throw new UsageError("The backup goes to stdout: tillmesh backup --data DIR > FILE");
    const control = await controlOf(args.text("data"));
    if (control !== undefined) await writeAll(await control.stream("/control/backup"));
    else await withTill(args.text("data"), ({ replica }) => writeAll(replica.backup()));
    return 0;
  },
};

export const replaceCommand: Command = {
  name: "replace",
  summary: "The device of a backup on a new disk, as a new incarnation",
  options: { ...dataOption, backup: required("FILE") },
  run: async (args, output) => {
    const file = args.text("backup");
    if (!fs.existsSync(file)) throw new CommandError(`There is no file ${file}.`);
    const restored = await restoreDevice(deviceHome(args.text("data")), fs.createReadStream(file));
    if (!restored.ok) throw new CommandError(toldError(restored.error));
    const { device } = restored.value;
    output.say(`This is ${device.name} (${device.id}); it goes on as a new incarnation.`);
    return 0;
  },
};

export const kitCommand: Command = {
  name: "recovery-kit",
  summary:
    "The organisation's CA and this device's fiscal keys under a passphrase, on stdout, to print and lock away",
  options: { ...dataOption, "passphrase-file": required("FILE") },
  run: async (args, output) => {
    const passphrase = readText(args.text("passphrase-file")).trim();
    const home = deviceHome(args.text("data"));
    const sections = fiscalSections(home.directory);
    const whole = await makeKit(home, passphrase, sections);
    const isTooLarge = !whole.ok && ["KitTooLarge", "Faults"].includes(whole.error.type);
    const kit = isTooLarge ? await makeKit(home, passphrase) : whole;
    if (!kit.ok) throw new CommandError(toldError(kit.error));
    if (isTooLarge)
      output.say("WITHOUT the fiscal keys: they are too many. Keep a copy of fiscal/.");
    output.out(ended(kit.value));
    return 0;
  },
};

export const recoverCommand: Command = {
  name: "recover",
  summary: "A new headquarters from a recovery kit, when every other is lost",
  options: {
    ...dataOption,
    kit: required("FILE"),
    "passphrase-file": required("FILE"),
    location: required("NAME"),
    device: required("NAME"),
    timezone: { type: "string", value: "Europe/London" },
    json: { type: "boolean" },
  },
  run: async (args, output) => {
    const home = deviceHome(args.text("data"));
    const kit = {
      text: readText(args.text("kit")),
      passphrase: readText(args.text("passphrase-file")).trim(),
    };
    const names = {
      locationName: args.text("location"),
      deviceName: args.text("device"),
      timeZone: args.optional("timezone") ?? "Europe/London",
    };
    if (!isTimeZone(names.timeZone))
      throw new UsageError(`--timezone "${names.timeZone}" is not known.`);
    const recovered = await recoverOrganisation(home, kit, names);
    if (!recovered.ok) throw new CommandError(toldError(recovered.error));
    for (const { regime, till } of restoreFiscal(home.directory, recovered.value.sections))
      output.say(
        `The keys of ${till} (${regime}) are back in fiscal/; nothing is sealed with them yet.`,
      );
    const manager = await found(home, "Manager");
    tellFounded(output, { ...recovered.value, manager }, args.is("json"));
    return 0;
  },
};

interface Manager {
  readonly id: StaffId;
  readonly name: string;
  readonly pin: string;
}

/** Names and the first manager, published by the new device. */
async function found(home: DeviceHome, name: string, regime?: LocationRegime): Promise<Manager> {
  const opened = await openReplica({ ...home, carryRule });
  if (!opened.ok) throw new CommandError(toldError(opened.error));
  const replica = opened.value;
  const random = home.crypto.randomBytes;
  const pin = newPin(random);
  const id = newId("staff", random);
  const value = { id, name, role: "manager", pin: { ...(await hashPin(pin, random)) } };
  const said = [
    await replica.publish("organisation", foundingItems(replica)),
    await replica.publish("staff", [{ key: staffKey({ id }), value }]),
    ...(regime === undefined
      ? []
      : [await replica.publish(fiscalTopic, [regimeItem("*", regime)])]),
  ];
  await replica.close();
  for (const one of said) if (!one.ok) throw new CommandError(toldError(one.error));
  return { id, name, pin };
}

interface Named {
  readonly id: string;
  readonly name: string;
}

interface Founded {
  readonly organisation: { readonly id: string; readonly name: string };
  readonly device: {
    readonly id: string;
    readonly name: string;
    readonly location: { readonly id: string; readonly name: string };
  };
  readonly manager: Manager;
}

function tellFounded(
  output: Output,
  { organisation, device, manager }: Founded,
  isJson: boolean,
): void {
  const { location } = device;
  if (isJson) {
    const facts = {
      organisation: named(organisation),
      location: named(location),
      device: named(device),
      manager,
    };
    output.out(`${JSON.stringify(facts)}\n`);
    return;
  }
  output.out(
    [
      `Organisation: ${organisation.name} (${organisation.id})`,
      `Location: ${location.name} (${location.id})`,
      `Device: ${device.name} (${device.id})`,
      `Manager: ${manager.name} (${manager.id})`,
      `PIN: ${manager.pin}`,
      "",
    ].join("\n"),
  );
}

function named({ id, name }: Named): Named {
  return { id, name };
}

function readRights(text: string | undefined): readonly Right[] | undefined {
  const wanted = text?.split(",").map((right) => right.trim());
  const unknown = wanted?.find((right) => !isRight(right));
  if (unknown !== undefined) throw new UsageError(`--rights: there is no right "${unknown}".`);
  return wanted?.filter(isRight);
}

async function writeAll(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    if (!process.stdout.write(chunk)) {
      await new Promise((resolve) => process.stdout.once("drain", resolve));
    }
  }
}

export function ended(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}

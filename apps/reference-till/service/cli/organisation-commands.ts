/**
 * The organisation's devices: who there is, who may join, who may no longer; and the CA that relays trust.
 *
 * @module
 */

import type { JsonObject } from "@tillmesh/kernel";
import { organisationCa } from "@tillmesh/sync-engine/node";
import { problemOf } from "../http/problem.ts";
import { decisions, devicesAnswer, type DecisionName } from "../till/devices.ts";
import { toldError } from "../told-errors.ts";
import type { Arguments } from "./arguments.ts";
import { dataOption, required, type Command } from "./command.ts";
import { controlOf, toldProblem } from "./control-client.ts";
import { CommandError, type Output } from "./output.ts";
import { deviceHome, withTill } from "./with-till.ts";

export const orgCaCommand: Command = {
  name: "org ca",
  summary: "The organisation's CA certificate, for relay serve --trust. Not secret",
  options: { ...dataOption },
  run: async (args, output) => {
    const ca = await organisationCa(deviceHome(args.text("data")));
    if (!ca.ok) throw new CommandError(toldError(ca.error));
    output.out(`${ca.value.trimEnd()}\n`);
    return 0;
  },
};

export const devicesCommand: Command = {
  name: "devices",
  summary: "Every device that is known here, and its state; also while it serves",
  options: { ...dataOption, json: { type: "boolean" } },
  run: async (args, output) => {
    const devices = await knownDevices(args);
    if (args.is("json")) output.out(`${JSON.stringify(devices)}\n`);
    else tellDevices(devices, output);
    return 0;
  },
};

export const revokeCommand: Command = decisionCommand(
  "revoke",
  "Cut a device off for good, at headquarters; what it made before stays",
);

export const approveCommand: Command = decisionCommand(
  "approve",
  "Let a device in that asked to join, at headquarters",
);

export const admitCommand: Command = decisionCommand(
  "admit",
  "Let count what a revoked device recorded since, as far as it is here, at headquarters",
);

function decisionCommand(name: DecisionName, summary: string): Command {
  return {
    name,
    summary: `${summary}; also while it serves`,
    options: {
      ...dataOption,
      device: required("NAME"),
      ...(name === "revoke" ? { reason: { type: "string", value: "TEXT" } as const } : {}),
    },
    run: async (args, output) => {
      const wanted = args.text("device");
      const body = reasonIn(args);
      const control = await controlOf(args.text("data"));
      if (control === undefined) {
        const device = await withTill(args.text("data"), async (till) => {
          const id = deviceNamedIn(asListed(devicesAnswer(till)), wanted);
          const decided = await decisions[name](till, id, body);
          if (!decided.ok) throw new CommandError(toldProblem(problemOf(decided.error)));
          return decided.value;
        });
        tellDecided(asListed([device]), output);
      } else {
        const id = deviceNamedIn(await listed(control), wanted);
        const device = await control.post(`/devices/${id}/${name}`, body);
        tellDecided([device as ListedDevice], output);
      }
      return 0;
    },
  };
}

function reasonIn(args: Arguments): { readonly reason?: string } {
  const reason = args.optional("reason");
  return reason === undefined ? {} : { reason };
}

function tellDecided([device]: readonly ListedDevice[], output: Output): void {
  if (device !== undefined) output.say(`${device.name} (${device.id}) is ${device.state}.`);
}

interface ListedDevice {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly location: { readonly name: string };
  readonly state: string;
  readonly check: string | null;
}

async function knownDevices(args: Arguments): Promise<readonly ListedDevice[]> {
  const control = await controlOf(args.text("data"));
  if (control !== undefined) return listed(control);
  return withTill(args.text("data"), (till) => Promise.resolve(asListed(devicesAnswer(till))));
}

async function listed(control: {
  get(path: string): Promise<unknown>;
}): Promise<readonly ListedDevice[]> {
  const { items } = (await control.get("/devices")) as { readonly items: readonly ListedDevice[] };
  return items;
}

function asListed(devices: readonly JsonObject[]): readonly ListedDevice[] {
  return devices as unknown as readonly ListedDevice[];
}

/** By id, or by a name that only one device has. */
function deviceNamedIn(devices: readonly ListedDevice[], wanted: string): string {
  const byId = devices.find(({ id }) => id === wanted);
  const [only, ...more] = byId ? [byId] : devices.filter(({ name }) => name === wanted);
  if (only === undefined) throw new CommandError(`No device here is ${JSON.stringify(wanted)}.`);
  if (more.length === 0) return only.id;
  const ids = [only, ...more].map(({ id }) => id).join(", ");
  throw new CommandError(
    `Several devices are ${JSON.stringify(wanted)}: name one by its id, ${ids}.`,
  );
}

function tellDevices(devices: readonly ListedDevice[], output: Output): void {
  const width = Math.max(...devices.map(({ name }) => name.length));
  for (const { id, name, roles, location, state, check } of devices) {
    const words = [name.padEnd(width), state, check ?? "-", roles.join(", "), location.name, id];
    output.out(`${words.join("  ")}\n`);
  }
}

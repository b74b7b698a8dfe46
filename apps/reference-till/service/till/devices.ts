/**
 * The organisation's devices and locations, as headquarters makes them known.
 *
 * @module
 */

import {
  err,
  newId,
  ok,
  type Clock,
  type Crypto,
  type JsonObject,
  type PublicationItem,
  type Result,
} from "@tillmesh/kernel";
import { deviceKey, locationKey, organisationKey } from "@tillmesh/pricing-core";
import { inviteDevice } from "@tillmesh/sync-engine/node";
import { toldError } from "../told-errors.ts";
import type { Refusal } from "../http/problem.ts";
import { wireTime } from "../http/wire.ts";
import { commitRefusal } from "./commit-refusal.ts";
import { deviceNamed, locationNamed } from "./names.ts";
import type { DeviceListing, Replica } from "./replica.ts";
import type { Till } from "./till.ts";

export interface InviteRequest {
  readonly name: string;
  readonly role: "till" | "hq";
  /** By name; made if there is none of that name. */
  readonly location: string;
  /** `text` is short enough to scan or type; headquarters approves the device when it has joined. */
  readonly form?: InvitationForm;
  /** A text that needs no approval. */
  readonly isApproved?: boolean;
  /** Where this device listens, as a hint. */
  readonly lan?: readonly LanAddress[];
}

export type InvitationForm = "file" | "text";

export interface LanAddress {
  readonly host: string;
  readonly port: number;
}

export interface DeviceHome {
  readonly directory: string;
  readonly clock: Clock;
  readonly crypto: Crypto;
}

type Location = Replica["location"];
type Device = Pick<Replica["device"], "id" | "name" | "code" | "roles">;

export interface Invited {
  readonly device: Device;
  /** What `join` takes. Secret. */
  readonly invitation: string;
}

/** An invitation for one new device, whose name every device then knows. */
export async function invite(
  till: Till,
  home: DeviceHome,
  { name, role, location: locationName, lan = [], ...rest }: InviteRequest,
): Promise<Result<Invited, Refusal>> {
  if (!till.replica.device.roles.includes("hq")) return err({ type: "NotHq" });
  const location = locationNamedOrNew(till, locationName);
  const devices = till.books.organisation.devices().map(({ value }) => value);
  const takenCodes = new Set([till.replica.device.code, ...devices.map(({ code }) => code)]);
  const request = { name, roles: [role], location, takenCodes, lan, ...rest };
  const invited = await inviteDevice(home, request);
  if (!invited.ok) return err({ type: "InviteFailed", detail: toldError(invited.error) });
  const { text: invitation, device } = invited.value;
  const items = [locationItem(location), deviceItem(device, location)];
  const published = await till.replica.publish("organisation", items);
  return published.ok ? ok({ device, invitation }) : err(commitRefusal(published.error));
}

/** Every device known here, this one first, then by name. */
export function devicesAnswer(till: Till): readonly JsonObject[] {
  const own = till.replica.device.id;
  const orderOf = ({ id }: KnownDevice) =>
    `${id === own ? 0 : 1}${deviceNamed(till, id).name}\n${id}`;
  return knownDevices(till)
    .toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
    .map((device) => deviceAnswer(till, device));
}

/** What headquarters decides about a device; asked again, it finds it done. */
export const decisions: Readonly<Record<DecisionName, Decides>> = {
  revoke: (till: Till, id: string, { reason }: DecisionOptions = {}) =>
    decide(till, id, { done: "AlreadyRevoked", act: (replica) => replica.revoke(id, reason) }),
  approve: (till: Till, id: string) => decide(till, id, { act: (replica) => replica.approve(id) }),
  admit: (till: Till, id: string) => decide(till, id, { act: (replica) => replica.admit(id) }),
};

export type DecisionName = "revoke" | "approve" | "admit";

type Decides = (
  till: Till,
  id: string,
  options?: DecisionOptions,
) => Promise<Result<JsonObject, Refusal>>;

export interface DecisionOptions {
  readonly reason?: string | undefined;
}

/** What the first device says of the organisation, so that others know the names. */
export function foundingItems({
  organisation,
  device,
  location,
}: Replica): readonly PublicationItem[] {
  const { currency } = location;
  return [
    { key: organisationKey, value: { name: organisation.name, currency } },
    locationItem(location),
    deviceItem(device, location),
  ];
}

interface Decision {
  /** An error that says it was decided before. */
  readonly done?: string;
  readonly act: (replica: Replica) => Promise<Result<void, { readonly type: string }>>;
}

async function decide(
  till: Till,
  id: string,
  { done, act }: Decision,
): Promise<Result<JsonObject, Refusal>> {
  if (!till.replica.device.roles.includes("hq")) return err({ type: "NotHq" });
  const find = () => knownDevices(till).find((device) => device.id === id);
  if (find() === undefined) return err({ type: "NotKnownHere" });
  const decided = await act(till.replica);
  if (!decided.ok && decided.error.type !== done)
    return err({ type: "DecisionFailed", detail: toldError(decided.error) });
  const device = find();
  return device === undefined ? err({ type: "NotKnownHere" }) : ok(deviceAnswer(till, device));
}

/** As the replica knows it, or invited and not heard of yet. */
type KnownDevice = Omit<DeviceListing, "state" | "check" | "notAfterMs"> &
  Partial<Pick<DeviceListing, "check" | "notAfterMs">> & {
    readonly state: DeviceListing["state"] | "invited";
  };

/** Headquarters alone can say of a device without a certificate that it has not joined. */
function knownDevices({ replica, books }: Till): readonly KnownDevice[] {
  const listed = replica.devices();
  if (!replica.device.roles.includes("hq")) return listed;
  const ids = new Set(listed.map(({ id }) => id));
  const invited = books.organisation.devices().flatMap(({ value }): readonly KnownDevice[] => {
    const { id, name, location } = value;
    return ids.has(id) ? [] : [{ id, name, roles: value.roles, location, state: "invited" }];
  });
  return [...listed, ...invited];
}

function deviceAnswer(till: Till, device: KnownDevice): JsonObject {
  const { id, roles, location, state, check, notAfterMs, reason } = device;
  const ledgers = till.replica.ledgers().filter((ledger) => ledger.device === id);
  const newest = ledgers.toSorted((a, b) => a.incarnation - b.incarnation).at(-1);
  return {
    ...deviceNamed(till, id),
    roles: [...roles],
    location: { ...locationNamed(till, location) },
    state,
    check: check ?? null,
    connectsUntil: notAfterMs === undefined ? null : new Date(notAfterMs).toISOString(),
    ...(reason === undefined ? {} : { reason }),
    isThis: id === till.replica.device.id,
    newest:
      newest === undefined
        ? null
        : {
            incarnation: newest.incarnation,
            sequence: newest.sequence,
            at: newest.at === undefined ? null : wireTime(newest.at),
          },
  };
}

function locationNamedOrNew({ books, replica, random }: Till, name: string): Location {
  const own = replica.location;
  const known = books.organisation.locations().map(({ value }) => value);
  const found = [own, ...known].find((location) => location.name === name);
  return found ?? { ...own, id: newId("loc", random), name };
}

function locationItem(location: Location): PublicationItem {
  const { id, name, currency, timeZone } = location;
  return { key: locationKey(location), value: { id, name, currency, timeZone } };
}

function deviceItem(device: Device, location: Location): PublicationItem {
  const { id, name, code, roles } = device;
  return {
    key: deviceKey(device),
    value: { id, name, code, roles: [...roles], location: location.id },
  };
}

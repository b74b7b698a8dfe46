/**
 * Headquarters: every device, who asks to join, who is cut off, and invitations.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { sentenceOf } from "../api/problem.ts";
import type { Device, Page } from "../api/shapes.ts";
import { Empty, Fault } from "../parts/fields.tsx";
import { useNow } from "../parts/now.ts";
import { useRead } from "../parts/reading.ts";
import { useRecording } from "../parts/recording.ts";
import { deviceStateText } from "../till/enrolment-text.ts";
import { agoText } from "../time.ts";
import { InviteDialog } from "./invite-dialog.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";

export function DevicesPage(): JSX.Element {
  const read = useRead<Page<Device>>("/devices", { topics: ["devices", "entries"] });
  const [isInviting, setInviting] = useState(false);
  const [revoking, setRevoking] = useState<Device>();
  const { isBusy, fault, record } = useRecording();
  useNow();
  const approve = async (device: Device) => {
    const path = `/devices/${encodeURIComponent(device.id)}/approve`;
    await record(path, {}, `Letting ${device.name} in`);
    read.again();
  };
  return (
    <div class="page">
      <div class="page-head">
        <h1>Devices</h1>
        <button type="button" class="main-button" onClick={() => setInviting(true)}>
          Invite a device …
        </button>
      </div>
      <Fault>{fault ?? (read.problem && sentenceOf(read.problem))}</Fault>
      {read.value?.items.length === 0 && <Empty>No device is known here.</Empty>}
      <DeviceTable
        devices={read.value?.items ?? []}
        isBusy={isBusy}
        onApprove={(device) => void approve(device)}
        onRevoke={setRevoking}
      />
      {isInviting && (
        <InviteDialog
          onClose={() => {
            setInviting(false);
            read.again();
          }}
        />
      )}
      {revoking && (
        <RevokeDialog
          device={revoking}
          onClose={() => {
            setRevoking(undefined);
            read.again();
          }}
        />
      )}
    </div>
  );
}

interface DeviceTableProps {
  readonly devices: readonly Device[];
  readonly isBusy: boolean;
  readonly onApprove: (device: Device) => void;
  readonly onRevoke: (device: Device) => void;
}

function DeviceTable({ devices, ...rest }: DeviceTableProps): JSX.Element {
  return (
    <table class="table stacking">
      <thead>
        <tr>
          <th scope="col">Device</th>
          <th scope="col">Location</th>
          <th scope="col">State</th>
          <th scope="col">Newest entry</th>
          <th scope="col" class="hidden-head">
            Actions
          </th>
        </tr>
      </thead>
      <tbody>
        {devices.map((device) => (
          <DeviceRow key={device.id} device={device} {...rest} />
        ))}
      </tbody>
    </table>
  );
}

interface DeviceRowProps extends Omit<DeviceTableProps, "devices"> {
  readonly device: Device;
}

function DeviceRow({ device, isBusy, onApprove, onRevoke }: DeviceRowProps): JSX.Element {
  const { name, roles, location, state, isThis, newest, check } = device;
  const { tone, text } = deviceStateText(state);
  return (
    <tr>
      <td>
        {name} {isThis && <small>(this device)</small>}
        <small class="sku">{roles.join(", ")}</small>
      </td>
      <td data-label="Location">{location.name}</td>
      <td data-label="State">
        <span class={`badge ${tone}`}>{text}</span>
        {state === "pending" && check !== null && <small class="sku">its check: {check}</small>}
      </td>
      <td data-label="Newest entry">
        {newest?.at == null ? "–" : agoText(Date.parse(newest.at), Date.now())}
      </td>
      <td class="row-action">
        {state === "pending" && (
          <button
            type="button"
            class="quiet-button"
            disabled={isBusy}
            onClick={() => onApprove(device)}
          >
            Let in
          </button>
        )}
        {!isThis && state !== "revoked" && (
          <button type="button" class="quiet-button" onClick={() => onRevoke(device)}>
            Revoke …
          </button>
        )}
      </td>
    </tr>
  );
}

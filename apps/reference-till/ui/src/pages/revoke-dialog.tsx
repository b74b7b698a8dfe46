/**
 * Revoking cannot be undone: what it does is said first, and the device's name is asked for.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Device } from "../api/shapes.ts";
import { TextField } from "../parts/fields.tsx";
import { FormDialog } from "../parts/form-dialog.tsx";
import { useRecording } from "../parts/recording.ts";
import { useWorkplace } from "../till/workplace.ts";

export interface RevokeDialogProps {
  readonly device: Device;
  readonly onClose: () => void;
}

export function RevokeDialog({ device, onClose }: RevokeDialogProps): JSX.Element {
  const { notices } = useWorkplace();
  const { isBusy, fault, record } = useRecording();
  const [typed, setTyped] = useState("");
  const revoke = async () => {
    const path = `/devices/${encodeURIComponent(device.id)}/revoke`;
    const answered = await record(path, {}, `Revoking ${device.name}`);
    if (answered?.ok !== true) return;
    notices.dispatch({ type: "tell", tone: "done", text: `${device.name} is revoked.` });
    onClose();
  };
  return (
    <FormDialog
      title={`Revoke ${device.name}`}
      action="Revoke for good"
      isGrave
      isReady={!isBusy && typed.trim() === device.name}
      fault={fault}
      onSend={revoke}
      onClose={onClose}
    >
      <p>
        {device.name} is cut off at the relay and on the LAN, and its keys no longer open anything
        new. What it sold up to now counts; what it records later does not, until headquarters
        admits it. A revoked device does not come back: invite a new one in its place.
      </p>
      <TextField
        label={`Type ${device.name} to confirm`}
        value={typed}
        onInput={setTyped}
        autoFocus
      />
    </FormDialog>
  );
}

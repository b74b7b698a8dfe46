/**
 * Inviting a device: who it will be, then the invitation as picture, text and file.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Invitation, Named } from "../api/shapes.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Choice, TextField } from "../parts/fields.tsx";
import { FormDialog } from "../parts/form-dialog.tsx";
import { useRecording } from "../parts/recording.ts";
import { useStore } from "../store.ts";
import { useWorkplace } from "../till/workplace.ts";

export function InviteDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const own = useStore(useWorkplace().status)?.location.name ?? "";
  const { isBusy, fault, record } = useRecording();
  const [name, setName] = useState("");
  const [role, setRole] = useState("till");
  const [location, setLocation] = useState(own);
  const [form, setForm] = useState("text");
  const [invitation, setInvitation] = useState<Invitation>();
  const isNamed = name.trim() !== "" && location.trim() !== "";
  const invite = async () => {
    const body = { name: name.trim(), role, location: location.trim(), form };
    const answered = await record<Invitation>("/invitations", body, `Inviting ${body.name}`);
    if (answered?.ok === true) setInvitation(answered.value);
  };
  if (invitation !== undefined)
    return <InvitationDialog invitation={invitation} onClose={onClose} />;
  return (
    <FormDialog
      title="Invite a device"
      action="Make the invitation"
      isReady={!isBusy && isNamed}
      fault={fault}
      onSend={invite}
      onClose={onClose}
    >
      <TextField label="Name of the device" value={name} onInput={setName} isRequired autoFocus />
      <Choice
        label="Role"
        value={role}
        onChange={setRole}
        options={[
          ["till", "Till"],
          ["hq", "Headquarters"],
        ]}
      />
      <TextField
        label="Location"
        value={location}
        onInput={setLocation}
        isRequired
        hint="A name that is not known yet makes a new location"
      />
      <Choice
        label="How"
        value={form}
        onChange={setForm}
        options={[
          ["text", "Scan or type"],
          ["file", "File"],
        ]}
      />
      <p class="hint">
        {form === "text"
          ? "Good for two days. You let the device in here when it has joined."
          : "Good for thirty days. The device is in as soon as it has joined."}
      </p>
    </FormDialog>
  );
}

interface InvitationDialogProps {
  readonly invitation: Invitation;
  readonly onClose: () => void;
}

function InvitationDialog({ invitation, onClose }: InvitationDialogProps): JSX.Element {
  const { device, file, text, qr } = invitation;
  return (
    <Dialog title={`Invitation for ${device.name}`} onClose={onClose}>
      <div class="stack">
        <p>
          Whoever has this can become {device.name}, once: treat it like a key. It is shown only
          now.
        </p>
        {qr !== null && (
          <img class="qr" alt={`Invitation for ${device.name} to scan`} src={asImage(qr)} />
        )}
        {text !== null && <InvitationText text={text} />}
        {file !== null && <InvitationFile name={fileNameOf(device)} content={file} />}
      </div>
    </Dialog>
  );
}

interface InvitationFileProps {
  readonly name: string;
  readonly content: string;
}

function InvitationFile({ name, content }: InvitationFileProps): JSX.Element {
  return (
    <>
      <a class="quiet-button" download={name} href={asDownload(content)}>
        Save the file
      </a>
      <p class="hint">
        On the new device: <code>tillmesh join --data DIR --invite {name}</code>
      </p>
    </>
  );
}

function fileNameOf({ name }: Named): string {
  return `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.invitation`;
}

function InvitationText({ text }: { readonly text: string }): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <>
      <textarea
        class="invitation-text"
        aria-label="Invitation as text"
        readOnly
        rows={4}
        value={text}
        onFocus={(event) => event.currentTarget.select()}
      />
      <button type="button" class="quiet-button" onClick={() => void copy()}>
        {isCopied ? "Copied" : "Copy the text"}
      </button>
      <p class="hint">
        On the new device: <code>tillmesh join --data DIR --text …</code>
      </p>
    </>
  );
}

/** A picture, so that whatever the text says none of it runs. */
function asImage(svg: string): string {
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

function asDownload(text: string): string {
  return `data:application/octet-stream,${encodeURIComponent(text)}`;
}

/**
 * Switches that cut this device's LAN and uplink, to see what happens, and mend them again.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { newKey } from "../api/client.ts";
import { sentenceOf } from "../api/problem.ts";
import type { Links, Status } from "../api/shapes.ts";
import { useWorkplace } from "../till/workplace.ts";

export function LinkSwitches({ status }: { readonly status: Status }): JSX.Element | null {
  const { api, notices, refreshStatus } = useWorkplace();
  const [isBusy, setBusy] = useState(false);
  const { links, peers, relay } = status;
  const set = async (wanted: Partial<Links>) => {
    setBusy(true);
    const answered = await api.post<Links>("/links", wanted, newKey());
    setBusy(false);
    if (!answered.ok)
      notices.dispatch({ type: "tell", tone: "fault", text: sentenceOf(answered.error) });
    refreshStatus();
  };
  const hasLan = peers.length > 0 || !links.lan;
  if (!hasLan && relay === null) return null;
  return (
    <div class="switches" role="group" aria-label="Links of this device">
      {hasLan && (
        <Switch
          name="LAN"
          isOn={links.lan}
          isDisabled={isBusy}
          onChange={(lan) => void set({ lan })}
        />
      )}
      {relay !== null && (
        <Switch
          name="Uplink"
          isOn={links.uplink}
          isDisabled={isBusy}
          onChange={(uplink) => void set({ uplink })}
        />
      )}
    </div>
  );
}

interface SwitchProps {
  readonly name: string;
  readonly isOn: boolean;
  readonly isDisabled: boolean;
  readonly onChange: (isOn: boolean) => void;
}

function Switch({ name, isOn, isDisabled, onChange }: SwitchProps): JSX.Element {
  return (
    <button
      type="button"
      role="switch"
      class={isOn ? "switch on" : "switch"}
      aria-checked={isOn}
      aria-label={name}
      title={isOn ? `Cut the ${name} of this device` : `Mend the ${name} of this device`}
      disabled={isDisabled}
      onClick={() => onChange(!isOn)}
    >
      <span>{name}</span> <small>{isOn ? "on" : "cut"}</small>
    </button>
  );
}

/**
 * What an authority may ask for, as a file.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { download, type Download } from "../api/download.ts";
import { sentenceOf } from "../api/problem.ts";
import { Choice, Fault, TextField } from "../parts/fields.tsx";
import { exportText } from "../till/fiscal-text.ts";
import { useWorkplace } from "../till/workplace.ts";

export interface FiscalExportProps {
  readonly kinds: readonly string[];
  /** By the location's clock. */
  readonly today: string;
}

export function FiscalExport({ kinds, today }: FiscalExportProps): JSX.Element {
  const { api } = useWorkplace();
  const [kind, setKind] = useState(kinds[0] ?? "");
  const [from, setFrom] = useState(`${today.slice(0, 8)}01`);
  const [to, setTo] = useState(today);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const save = async () => {
    setBusy(true);
    setFault(undefined);
    const range = new URLSearchParams({ from, to }).toString();
    const path = `/fiscal/exports/${encodeURIComponent(kind)}?${range}`;
    const answered = await download(api, path, `${kind}-${from}-${to}`);
    setBusy(false);
    if (answered.ok) saveFile(answered.value);
    else setFault(sentenceOf(answered.error));
  };
  const isRange = from !== "" && to !== "" && from <= to;
  return (
    <section class="card wide" aria-label="Export">
      <h2>Export</h2>
      {kinds.length > 1 && (
        <Choice
          label="What"
          value={kind}
          onChange={setKind}
          options={kinds.map((one) => [one, exportText(one)] as const)}
        />
      )}
      <form
        class="export-range"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextField label="From" type="date" value={from} onInput={setFrom} isRequired />
        <TextField label="To" type="date" value={to} onInput={setTo} isRequired />
        <button type="submit" class="main-button" disabled={isBusy || !isRange}>
          {isBusy ? "Preparing …" : `Save ${exportText(kind)}`}
        </button>
      </form>
      {!isRange && <p class="hint">The first day comes before the last.</p>}
      <Fault>{fault}</Fault>
    </section>
  );
}

function saveFile({ name, content }: Download): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), keptMs);
}

const keptMs = 60_000;

/**
 * For a manager: what seals this device's receipts, what is on its way to the authority, what needs a person, exports.
 *
 * @module
 */

import type { JSX } from "preact";
import type { Fiscal } from "../api/fiscal-shapes.ts";
import { Empty } from "../parts/fields.tsx";
import { useNow } from "../parts/now.ts";
import { useStore } from "../store.ts";
import { regimeText } from "../till/fiscal-text.ts";
import { useWorkplace } from "../till/workplace.ts";
import { dayText } from "../time.ts";
import { DeliveryCard } from "./delivery-card.tsx";
import { FiscalDocuments } from "./fiscal-documents.tsx";
import { FiscalExport } from "./fiscal-export.tsx";
import { SealingCard } from "./sealing-card.tsx";

export function FiscalPage(): JSX.Element {
  const workplace = useWorkplace();
  const fiscal = useStore(workplace.fiscal);
  const session = useStore(workplace.session);
  const status = useStore(workplace.status);
  useNow();
  if (fiscal === null || status === null) return <div class="page" />;
  const { regime, delivery, exports } = fiscal;
  const canExport = session?.role === "manager" && exports.length > 0;
  const exporting = canExport && <FiscalExport kinds={exports} today={status.today} />;
  return (
    <div class="page">
      <h1>Fiscal</h1>
      {regime === null && <NothingSealed fiscal={fiscal} />}
      <div class="columns">
        {regime !== null && <SealingCard fiscal={fiscal} regime={regime} />}
        {delivery.isSent ? <DeliveryCard fiscal={fiscal} /> : exporting}
      </div>
      <FiscalDocuments fiscal={fiscal} />
      {delivery.isSent && exporting}
    </div>
  );
}

function NothingSealed({ fiscal }: { readonly fiscal: Fiscal }): JSX.Element {
  const { activation, stopped } = fiscal;
  if (activation !== null) {
    const { regime, from } = activation;
    return (
      <Empty>
        Nothing is sealed on this device yet. It was activated for {regimeText(regime)} from{" "}
        {dayText(from)} on.
      </Empty>
    );
  }
  return <Empty>{stopped ?? nothingSealed}</Empty>;
}

const nothingSealed =
  "Nothing is sealed on this device. Where its location has a fiscal regime, sealing begins with the first shift.";

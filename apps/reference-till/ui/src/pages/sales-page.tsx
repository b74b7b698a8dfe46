/**
 * Sales of all tills held here: find one by its receipt number, see it, give back.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Page, Sale, SaleDetail } from "../api/shapes.ts";
import { moneyText } from "../money.ts";
import { Empty, Fault, TextField } from "../parts/fields.tsx";
import { HorizonLine } from "../parts/horizon-view.tsx";
import { ListEnd } from "../parts/list-end.tsx";
import { Link } from "../parts/link.tsx";
import { useRead } from "../parts/reading.ts";
import { goTo } from "../route.ts";
import { sentenceOf } from "../api/problem.ts";
import { useStore } from "../store.ts";
import { useWorkplace } from "../till/workplace.ts";
import { clockText } from "../time.ts";
import { SaleView } from "./sale-view.tsx";

/** `sale` is empty where none is chosen. */
export function SalesPage({ sale }: { readonly sale: string }): JSX.Element {
  return (
    <div class={sale === "" ? "page split" : "page split detail-shown"}>
      <section class="list-side" aria-label="Sales">
        <FindReceipt />
        <DayList current={sale} />
      </section>
      <section class="detail-side" aria-label="Sale">
        {sale === "" ? (
          <Empty>Choose a sale, or find one by its receipt number.</Empty>
        ) : (
          <SaleView key={sale} sale={sale} />
        )}
      </section>
    </div>
  );
}

function FindReceipt(): JSX.Element {
  const { api } = useWorkplace();
  const [text, setText] = useState("");
  const [fault, setFault] = useState<string>();
  const find = async () => {
    const receiptNumber = text.trim().toUpperCase();
    if (receiptNumber === "") return;
    const found = await api.get<Page<SaleDetail>>("/sales", { receiptNumber });
    const sale = found.ok ? found.value.items[0] : undefined;
    if (!found.ok) setFault(sentenceOf(found.error));
    else if (sale === undefined) {
      setFault(`No sale with receipt ${receiptNumber} has arrived on this device.`);
    } else {
      setFault(undefined);
      setText("");
      goTo(`/sales/${sale.saleId}`);
    }
  };
  return (
    <form
      class="find"
      onSubmit={(event) => {
        event.preventDefault();
        void find();
      }}
    >
      <TextField label="Receipt number" value={text} onInput={setText} maxLength={40} />
      <button type="submit" class="quiet-button">
        Find
      </button>
      <Fault>{fault}</Fault>
    </form>
  );
}

function DayList({ current }: { readonly current: string }): JSX.Element {
  const status = useStore(useWorkplace().status);
  const [chosen, setChosen] = useState<string>();
  const businessDate = chosen ?? status?.businessDate;
  const path = businessDate === undefined ? undefined : "/sales";
  const query = { businessDate, limit: 100 };
  const read = useRead<Page<Sale>>(path, { query, topics: ["entries", "horizon"] });
  const sales = read.value?.items ?? [];
  return (
    <>
      <TextField
        label="Business date"
        type="date"
        value={businessDate ?? ""}
        onInput={(date) => setChosen(date === "" ? undefined : date)}
      />
      <ul class="rows">
        {sales.map((sale) => (
          <li key={sale.saleId}>
            <SaleRow sale={sale} isCurrent={sale.saleId === current} />
          </li>
        ))}
      </ul>
      <ListEnd
        read={read}
        empty="No sales on this date."
        more="Only the newest 100 are listed; find others by receipt number."
      />
    </>
  );
}

function SaleRow({
  sale,
  isCurrent,
}: {
  readonly sale: Sale;
  readonly isCurrent: boolean;
}): JSX.Element {
  const status = useStore(useWorkplace().status);
  return (
    <Link to={`/sales/${sale.saleId}`} class="row-link" isCurrent={isCurrent}>
      <span class="row-main">
        <strong>{sale.receiptNumber}</strong>
        <small>
          {clockText(sale.at, status?.timeZone ?? "UTC")} · {sale.device.name}
        </small>
        <HorizonLine receipt={sale} />
      </span>
      <span class="number">{moneyText(sale.total)}</span>
    </Link>
  );
}

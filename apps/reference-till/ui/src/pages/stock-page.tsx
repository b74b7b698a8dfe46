/**
 * Stock: the level here and elsewhere, how old each device's part is, what was oversold.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Page, Status, Stock, StockAt } from "../api/shapes.ts";
import { milliOf, quantityText } from "../money.ts";
import { TextField } from "../parts/fields.tsx";
import { ListEnd } from "../parts/list-end.tsx";
import { Link } from "../parts/link.tsx";
import { useNow } from "../parts/now.ts";
import { useRead } from "../parts/reading.ts";
import { useStore } from "../store.ts";
import { useWorkplace } from "../till/workplace.ts";
import { agoText } from "../time.ts";
import { MovementDialog } from "./movement-dialog.tsx";

export function StockPage(): JSX.Element {
  const workplace = useWorkplace();
  const status = useStore(workplace.status);
  const session = useStore(workplace.session);
  const [query, setQuery] = useState("");
  useNow();
  const [moving, setMoving] = useState<Stock>();
  const read = useRead<Page<Stock>>("/stock", {
    query: { query: query.trim(), limit: 100 },
    topics: ["entries", "publications"],
    settleMs: 80,
  });
  const isManager = session?.role === "manager";
  const items = read.value?.items ?? [];
  return (
    <div class="page">
      <div class="page-head">
        <h1>Stock</h1>
        <Link to="/count" class="quiet-button">
          Stock count
        </Link>
      </div>
      <TextField label="Search" type="search" value={query} onInput={setQuery} />
      {status !== null && (
        <StockTable items={items} status={status} onMove={isManager ? setMoving : undefined} />
      )}
      <ListEnd
        read={read}
        empty="Nothing matches."
        more="The first 100 are listed; search for others."
      />
      {moving && <MovementDialog stock={moving} onClose={() => setMoving(undefined)} />}
    </div>
  );
}

interface StockTableProps {
  readonly items: readonly Stock[];
  readonly status: Status;
  readonly onMove: ((stock: Stock) => void) | undefined;
}

function StockTable({ items, status, onMove }: StockTableProps): JSX.Element {
  return (
    <table class="table stacking stock-table">
      <thead>
        <tr>
          <th scope="col">Product</th>
          <th scope="col" class="number">
            Here
          </th>
          <th scope="col">Elsewhere</th>
          <th scope="col">Known from</th>
          {onMove && (
            <th scope="col" class="hidden-head">
              Move
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {items.map((stock) => (
          <StockRow key={stock.sku} stock={stock} status={status} onMove={onMove} />
        ))}
      </tbody>
    </table>
  );
}

interface StockRowProps {
  readonly stock: Stock;
  readonly status: Status;
  readonly onMove: ((stock: Stock) => void) | undefined;
}

function StockRow({ stock, status, onMove }: StockRowProps): JSX.Element {
  const here = stock.locations.find(({ location }) => location.id === status.location.id);
  const elsewhere = stock.locations.filter((one) => one !== here);
  return (
    <tr>
      <td>
        {stock.name}
        <small class="sku">{stock.sku}</small>
      </td>
      <td class="number level" data-label="Here">
        <Level at={here} />
      </td>
      <td data-label="Elsewhere">
        {elsewhere.length === 0
          ? "–"
          : elsewhere.map((at) => (
              <div key={at.location.id}>
                {at.location.name}: <Level at={at} />
              </div>
            ))}
      </td>
      <td data-label="Known from">
        <Ages at={here} own={status.device.id} />
      </td>
      {onMove && (
        <td class="row-action">
          <button
            type="button"
            class="quiet-button"
            aria-label={`Move ${stock.name}`}
            onClick={() => onMove(stock)}
          >
            Move …
          </button>
        </td>
      )}
    </tr>
  );
}

function Level({ at }: { readonly at: StockAt | undefined }): JSX.Element {
  const milli = milliOf(at?.onHand ?? "0");
  const transit = milliOf(at?.inTransit ?? "0");
  return (
    <>
      <span class={milli < 0 ? "oversold" : undefined}>{quantityText(milli)}</span>
      {milli < 0 && <span class="badge bad">oversold</span>}
      {transit !== 0 && <small> + {quantityText(transit)} on the way</small>}
    </>
  );
}

/** The level here is as old as the oldest part it is made of. */
function Ages({
  at,
  own,
}: {
  readonly at: StockAt | undefined;
  readonly own: string;
}): JSX.Element {
  const others = (at?.devices ?? []).filter(({ device }) => device.id !== own);
  if (others.length === 0) return <span class="muted">this device</span>;
  return (
    <span class="ages">
      {others.map(({ device, at: moment }) => (
        <span key={device.id}>
          {device.name}: {agoText(Date.parse(moment), Date.now())}
        </span>
      ))}
    </span>
  );
}

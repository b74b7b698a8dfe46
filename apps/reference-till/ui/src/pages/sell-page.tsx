/**
 * Selling: products on one side, the ticket on the other; after paying, the receipt.
 *
 * @module
 */

import { unreachable } from "@tillmesh/kernel";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Product } from "../api/shapes.ts";
import { useStore } from "../store.ts";
import type { BasketLine } from "../till/basket.ts";
import { findByCode } from "../till/product-list.ts";
import { useWorkplace, type Workplace } from "../till/workplace.ts";
import { Dialog } from "../parts/dialog.tsx";
import { PayDialog } from "./pay-dialog.tsx";
import { ProductGrid } from "./product-grid.tsx";
import { LineMenu } from "./line-menu.tsx";
import { OpenPriceDialog } from "./line-price-dialog.tsx";
import { OrderMenu } from "./order-menu.tsx";
import { QuantityDialog, type QuantityWanted } from "./quantity-dialog.tsx";
import { ShiftNeeded } from "./shift-needed.tsx";
import { SoldView } from "./sold-view.tsx";
import { Ticket } from "./ticket.tsx";
import { useScanner } from "./use-scanner.ts";

/** The dialog that stands in front, if any. */
type Task =
  | { readonly kind: "pay" | "order" }
  | { readonly kind: "quantity"; readonly wanted: QuantityWanted }
  | { readonly kind: "price"; readonly product: Product }
  | { readonly kind: "choice"; readonly products: readonly Product[] }
  | { readonly kind: "line"; readonly line: BasketLine };

export function SellPage(): JSX.Element {
  const workplace = useWorkplace();
  const sale = useStore(workplace.receipt);
  const status = useStore(workplace.status);
  const [task, setTask] = useState<Task>();
  const [isTicketShown, setTicketShown] = useState(false);

  const add = (product: Product) => {
    workplace.receipt.dispatch(null);
    const asked = askedFor(product);
    if (asked === undefined) workplace.basket.dispatch({ type: "add", product });
    // A scan ends paying, and nothing else that somebody keys in.
    setTask(
      (open) => asked ?? (open?.kind === "pay" || open?.kind === "choice" ? undefined : open),
    );
  };
  const take = async (code: string) => {
    const found = await findScanned(workplace, code);
    const [only] = found;
    if (found.length > 1) setTask({ kind: "choice", products: found });
    else if (only !== undefined) add(only);
  };
  useScanner((code) => void take(code));
  // Whoever leaves the page is done with the receipt; it is among the sales.
  useEffect(() => () => workplace.receipt.dispatch(null), [workplace]);

  if (sale !== null)
    return <SoldView sale={sale} onNext={() => workplace.receipt.dispatch(null)} />;
  const isClosed = status !== null && status.shift === null;
  return (
    <div class={isTicketShown ? "sell ticket-shown" : "sell"}>
      {isClosed ? <ShiftNeeded /> : <ProductGrid onAdd={add} onCode={(code) => void take(code)} />}
      <Ticket
        isClosed={isClosed}
        onPay={() => setTask({ kind: "pay" })}
        onQuantity={(line) => setTask({ kind: "quantity", wanted: { line } })}
        onLine={(line) => setTask({ kind: "line", line })}
        onOrder={() => setTask({ kind: "order" })}
        onToggle={() => setTicketShown((isShown) => !isShown)}
      />
      {task && <TaskDialog task={task} onAdd={add} onClose={() => setTask(undefined)} />}
    </div>
  );
}

/** What has to be keyed before it can be a line. */
function askedFor(product: Product): Task | undefined {
  if (product.openPrice !== undefined) return { kind: "price", product };
  return product.unit === "each" ? undefined : { kind: "quantity", wanted: { product } };
}

interface TaskDialogProps {
  readonly task: Task;
  readonly onAdd: (product: Product) => void;
  readonly onClose: () => void;
}

function TaskDialog({ task, onAdd, onClose }: TaskDialogProps): JSX.Element {
  switch (task.kind) {
    case "pay":
      return <PayDialog onClose={onClose} />;
    case "order":
      return <OrderMenu onClose={onClose} />;
    case "quantity":
      return <QuantityDialog wanted={task.wanted} onClose={onClose} />;
    case "price":
      return <OpenPriceDialog product={task.product} onClose={onClose} />;
    case "choice":
      return <ChoiceDialog products={task.products} onChoose={onAdd} onClose={onClose} />;
    case "line":
      return <LineMenu line={task.line} onClose={onClose} />;
    default:
      return unreachable(task);
  }
}

async function findScanned(
  { api, products, notices }: Workplace,
  code: string,
): Promise<readonly Product[]> {
  const found = await findByCode(api, products.get(), code);
  const tell = (text: string) => notices.dispatch({ type: "tell", tone: "fault", text });
  if (!found.ok) tell(`${code} could not be looked up: the service does not answer.`);
  else if (found.value.length === 0) tell(`No product here has the code ${code}.`);
  return found.ok ? found.value : [];
}

interface ChoiceDialogProps {
  readonly products: readonly Product[];
  readonly onChoose: (product: Product) => void;
  readonly onClose: () => void;
}

/** One barcode, several products: a person decides. */
function ChoiceDialog({ products, onChoose, onClose }: ChoiceDialogProps): JSX.Element {
  return (
    <Dialog title="Several products have this barcode" onClose={onClose}>
      <div class="stack">
        {products.map((product) => (
          <button
            key={product.sku}
            type="button"
            class="quiet-button"
            onClick={() => onChoose(product)}
          >
            {product.name} ({product.sku})
          </button>
        ))}
      </div>
    </Dialog>
  );
}

/**
 * A stock count: open it, count lines while selling goes on, close it.
 *
 * @module
 */

import { formatQuantity } from "@tillmesh/kernel";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Product } from "../api/shapes.ts";
import { quantityText, readMilli } from "../money.ts";
import { Empty, Fault, TextField } from "../parts/fields.tsx";
import { Link } from "../parts/link.tsx";
import { useRecording } from "../parts/recording.ts";
import { useStore } from "../store.ts";
import { readCount, writeCount, type CountedLine, type OpenCount } from "../till/open-count.ts";
import { findByCode, matching } from "../till/product-list.ts";
import { useWorkplace } from "../till/workplace.ts";
import { useScanner } from "./use-scanner.ts";

export function CountPage(): JSX.Element {
  const [count, setCount] = useState(readCount);
  const keep = (next: OpenCount | undefined) => {
    writeCount(next);
    setCount(next);
  };
  return (
    <div class="page">
      <div class="page-head">
        <h1>Stock count</h1>
        <Link to="/stock" class="quiet-button">
          Back to stock
        </Link>
      </div>
      {count === undefined ? (
        <OpenForm onOpen={keep} />
      ) : (
        <CountForm count={count} onChange={keep} />
      )}
    </div>
  );
}

function OpenForm({ onOpen }: { readonly onOpen: (count: OpenCount) => void }): JSX.Element {
  const session = useStore(useWorkplace().session);
  const { isBusy, fault, record } = useRecording();
  const [note, setNote] = useState("");
  const [joined, setJoined] = useState("");
  const open = async () => {
    const told = note.trim();
    const body = told === "" ? {} : { note: told };
    const answered = await record<{ countId: string }>(
      "/stock/counts",
      body,
      "Opening of the count",
    );
    if (answered?.ok === true) onOpen({ countId: answered.value.countId, note: told, lines: [] });
  };
  return (
    <div class="columns">
      {session?.role === "manager" && (
        <form
          class="card"
          onSubmit={(event) => {
            event.preventDefault();
            void open();
          }}
        >
          <h2>Open a count</h2>
          <p>Selling goes on meanwhile: each line says what lay there at its own moment.</p>
          <TextField
            label="Note (optional)"
            value={note}
            onInput={setNote}
            hint="For example: cold shelf"
          />
          <Fault>{fault}</Fault>
          <button type="submit" class="main-button" disabled={isBusy}>
            Open count
          </button>
        </form>
      )}
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          if (joined.trim() !== "") onOpen({ countId: joined.trim(), note: "", lines: [] });
        }}
      >
        <h2>Join a count</h2>
        <p>Counting goes in parts: key in the id that the other device shows.</p>
        <TextField label="Count id" value={joined} onInput={setJoined} maxLength={64} />
        <button type="submit" class="quiet-button" disabled={joined.trim() === ""}>
          Join
        </button>
      </form>
    </div>
  );
}

interface CountFormProps {
  readonly count: OpenCount;
  readonly onChange: (count: OpenCount | undefined) => void;
}

function CountForm({ count, onChange }: CountFormProps): JSX.Element {
  const { notices, session } = useWorkplace();
  const role = useStore(session)?.role;
  const { isBusy, fault, record } = useRecording();
  const add = async (product: Product, milli: number) => {
    const body = { sku: product.sku, counted: formatQuantity(milli) };
    const label = `Count of ${product.name}`;
    const answered = await record(`/stock/counts/${count.countId}/lines`, body, label);
    if (answered?.ok !== true) return;
    const line: CountedLine = { name: product.name, counted: quantityText(milli) };
    onChange({ ...count, lines: [line, ...count.lines].slice(0, 500) });
  };
  const close = async () => {
    const path = `/stock/counts/${count.countId}/close`;
    const answered = await record(path, {}, "Closing of the count");
    if (answered?.ok !== true) return;
    notices.dispatch({ type: "tell", tone: "done", text: "The count is closed." });
    onChange(undefined);
  };
  return (
    <div class="columns">
      <LineForm isBusy={isBusy} onAdd={add} fault={fault} />
      <section class="card" aria-label="Counted lines">
        <h2>{count.note === "" ? "Counted here" : count.note}</h2>
        <p class="hint">
          Count <code>{count.countId}</code>
        </p>
        <ul class="rows">
          {count.lines.map(({ name, counted }, index) => (
            <li key={count.lines.length - index} class="row">
              <span>{name}</span>
              <strong>{counted}</strong>
            </li>
          ))}
        </ul>
        {count.lines.length === 0 && <Empty>Nothing counted yet.</Empty>}
        <div class="stack">
          {role === "manager" && (
            <button
              type="button"
              class="main-button"
              disabled={isBusy}
              onClick={() => void close()}
            >
              Close count
            </button>
          )}
          <button type="button" class="quiet-button" onClick={() => onChange(undefined)}>
            Leave it open
          </button>
        </div>
      </section>
    </div>
  );
}

interface LineFormProps {
  readonly isBusy: boolean;
  readonly fault: string | undefined;
  readonly onAdd: (product: Product, milli: number) => Promise<void>;
}

function LineForm({ isBusy, fault, onAdd }: LineFormProps): JSX.Element {
  const [product, setProduct] = useState<Product>();
  if (product === undefined) return <ChooseProduct onChoose={setProduct} fault={fault} />;
  const add = async (milli: number) => {
    await onAdd(product, milli);
    setProduct(undefined);
  };
  return (
    <KeyCounted
      product={product}
      isBusy={isBusy}
      onAdd={(milli) => void add(milli)}
      onBack={() => setProduct(undefined)}
    />
  );
}

interface ChooseProductProps {
  readonly onChoose: (product: Product | undefined) => void;
  readonly fault: string | undefined;
}

function ChooseProduct({ onChoose, fault }: ChooseProductProps): JSX.Element {
  const { api, products, notices } = useWorkplace();
  const list = useStore(products);
  const [query, setQuery] = useState("");
  const choose = async (code: string) => {
    const found = await findByCode(api, list, code);
    const product = (found.ok ? found.value[0] : undefined) ?? matching(list.items, code)[0];
    setQuery("");
    if (product !== undefined) return onChoose(product);
    notices.dispatch({
      type: "tell",
      tone: "fault",
      text: `No product here has the code ${code}.`,
    });
  };
  useScanner((code) => void choose(code));
  const found = query.trim() === "" ? [] : matching(list.items, query).slice(0, 8);
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        if (query.trim() !== "") void choose(query.trim());
      }}
    >
      <h2>Count a product</h2>
      <TextField label="Scan or search" type="search" value={query} onInput={setQuery} autoFocus />
      <div class="stack">
        {found.map((one) => (
          <button key={one.sku} type="button" class="quiet-button" onClick={() => onChoose(one)}>
            {one.name}
          </button>
        ))}
      </div>
      <Fault>{fault}</Fault>
    </form>
  );
}

interface KeyCountedProps {
  readonly product: Product;
  readonly isBusy: boolean;
  readonly onAdd: (milli: number) => void;
  readonly onBack: () => void;
}

function KeyCounted({ product, isBusy, onAdd, onBack }: KeyCountedProps): JSX.Element {
  const [text, setText] = useState("");
  const milli = readMilli(text);
  const isUsable = milli !== undefined && milli >= 0;
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        if (isUsable) onAdd(milli);
      }}
    >
      <h2>{product.name}</h2>
      <TextField
        label={`Counted (${product.unit})`}
        value={text}
        onInput={setText}
        isNumeric
        autoFocus
      />
      <div class="dialog-actions">
        <button type="button" class="quiet-button" onClick={onBack}>
          Another product
        </button>
        <button type="submit" class="main-button" disabled={isBusy || !isUsable}>
          Record
        </button>
      </div>
    </form>
  );
}

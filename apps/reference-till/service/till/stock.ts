/**
 * Moving goods and counting them.
 *
 * @module
 */

import { movementFaults } from "@tillmesh/crdt-inventory";
import {
  err,
  newId,
  ok,
  type LocationId,
  type Movement,
  type MovementKind,
  type Result,
  type Sku,
} from "@tillmesh/kernel";
import { countClosedDraft, countDraft, countOpenedDraft, stockDraft } from "@tillmesh/sales-ledger";
import type { Fault, Refusal } from "../http/problem.ts";
import { openingStockReference } from "../projection/apply.ts";
import { seenNow } from "../projection/stock.ts";
import { readQuantity, resolveArticle, type AskedGoods } from "./find-article.ts";
import { record, type Call, type Recorded } from "./record.ts";
import { refuseFaults } from "./refusals.ts";
import { todayOf, type Till } from "./till.ts";

export interface MovementRequest {
  readonly kind: Exclude<MovementKind, "sale" | "return">;
  readonly lines: readonly AskedGoods[];
  /** This device's unless told otherwise. */
  readonly location?: string | undefined;
  /** Transfers: the location at the other end. */
  readonly counterpart?: string | undefined;
  /** Transfers: the id both ends share; made for a transfer-out that names none. */
  readonly transfer?: string | undefined;
  readonly reason?: string | undefined;
  readonly reference?: string | undefined;
}

export function moveStock(
  till: Till,
  call: Call,
  request: MovementRequest,
): Promise<Result<Recorded, Refusal>> {
  return record(till, call, (context) => {
    const { kind, reason, reference } = request;
    if (reference === openingStockReference) return refuseFaults([reservedReference]);
    const places = placesOf(till, request);
    const lines = request.lines.map((line, index) => readLine(till, line, { index, kind }));
    const faults = [
      ...places.faults,
      ...lines.flatMap((line) => (line.ok ? [] : (line.error.faults ?? []))),
    ];
    if (faults.length > 0) return refuseFaults(faults);
    const transfer = transferOf(till, request);
    const movements = lines.flatMap((line): readonly Movement[] =>
      line.ok
        ? [{ kind, location: places.location, ...line.value, ...transfer, ...places.counterpart }]
        : [],
    );
    const wrong = movementFaults(movements);
    if (wrong.length > 0) return refuseFaults(wrong.map(movementFault));
    return ok(
      stockDraft(
        { ...context, businessDate: todayOf(till) },
        {
          ...(reason === undefined ? {} : { reason }),
          ...(reference === undefined ? {} : { reference }),
        },
        movements,
      ),
    );
  });
}

export function openCount(
  till: Till,
  call: Call,
  { note }: { readonly note?: string | undefined },
): Promise<Result<Recorded, Refusal>> {
  return record(till, call, (context) => {
    const countId = newId("count", till.random);
    const body = { countId, ...(note === undefined ? {} : { note }) };
    return ok(countOpenedDraft({ ...context, businessDate: todayOf(till) }, body));
  });
}

export interface CountLineRequest {
  readonly count: string;
  readonly line: AskedGoods;
  readonly counted: string;
}

/** What lies there now, beside what this device knows of every device's movements at this moment. */
export function countLine(
  till: Till,
  call: Call,
  { count, line, counted }: CountLineRequest,
): Promise<Result<Recorded, Refusal>> {
  return record(till, call, (context) => {
    const open = checkCount(till, count);
    if (!open.ok) return open;
    const article = resolveArticle(till, line, "");
    const quantity = readCounted(counted);
    if (!article.ok || !quantity.ok) {
      return refuseFaults(
        [article, quantity].flatMap((one) => (one.ok ? [] : (one.error.faults ?? []))),
      );
    }
    const location = till.replica.location.id;
    const sku = article.value as Sku;
    const seen = seenNow(till.projection, { location, sku });
    const body = { countId: count, location, sku, countedMilli: quantity.value, seen };
    return ok(countDraft({ ...context, businessDate: todayOf(till) }, body));
  });
}

export function closeCount(
  till: Till,
  call: Call,
  { count }: { readonly count: string },
): Promise<Result<Recorded, Refusal>> {
  return record(till, call, (context) => {
    const open = checkCount(till, count);
    if (!open.ok) return open;
    return ok(countClosedDraft({ ...context, businessDate: todayOf(till) }, { countId: count }));
  });
}

const reservedReference: Fault = {
  pointer: "/reference",
  code: "InvalidMovement",
  detail: "This reference is the import's own: it marks a SKU's first stock.",
};

interface Places {
  readonly location: LocationId;
  readonly counterpart: { readonly counterpart?: LocationId };
  readonly faults: readonly Fault[];
}

function placesOf(till: Till, { location, counterpart }: MovementRequest): Places {
  const own = till.replica.location.id;
  const here = location === undefined ? own : findLocation(till, location);
  const there = counterpart === undefined ? undefined : findLocation(till, counterpart);
  const faults = [
    ...(here === undefined ? [locationFault("/location", location ?? "")] : []),
    ...(there === undefined && counterpart !== undefined
      ? [locationFault("/counterpart", counterpart)]
      : []),
  ];
  return {
    location: here ?? own,
    counterpart: there === undefined ? {} : { counterpart: there },
    faults,
  };
}

/** By id, or by a name that only one location has. */
function findLocation({ books, replica }: Till, named: string): LocationId | undefined {
  const own = replica.location;
  const all = [own, ...books.organisation.locations().map(({ value }) => value)];
  const byId = all.find(({ id }) => id === named);
  if (byId !== undefined) return byId.id;
  const ids = new Set(all.filter(({ name }) => name === named).map(({ id }) => id));
  const [only] = ids;
  return ids.size === 1 ? only : undefined;
}

function locationFault(pointer: string, named: string): Fault {
  const detail = `The organisation has no location ${JSON.stringify(named)}.`;
  return { pointer, code: "UnknownLocation", detail };
}

function transferOf(
  till: Till,
  { kind, transfer }: MovementRequest,
): { readonly transfer?: string } {
  if (transfer !== undefined) return { transfer };
  return kind === "transfer-out" ? { transfer: newId("transfer", till.random) } : {};
}

interface LineContext {
  readonly index: number;
  readonly kind: MovementRequest["kind"];
}

/** Callers write quantities without a sign, but for adjustments; the ledger has the effect on the level. */
function readLine(
  till: Till,
  line: AskedGoods,
  { index, kind }: LineContext,
): Result<Pick<Movement, "sku" | "quantityMilli">, Refusal> {
  const pointer = `/lines/${index}`;
  const article = resolveArticle(till, line, pointer);
  const quantity = readQuantity(line.quantity ?? "1", `${pointer}/quantity`);
  if (!article.ok || !quantity.ok) {
    return refuseFaults(
      [article, quantity].flatMap((one) => (one.ok ? [] : (one.error.faults ?? []))),
    );
  }
  const isWrong = quantity.value === 0 || (quantity.value < 0 && kind !== "adjustment");
  if (isWrong) {
    const detail =
      kind === "adjustment" ? "An adjustment is not zero." : "A quantity is more than zero.";
    return refuseFaults([{ pointer: `${pointer}/quantity`, code: "InvalidQuantity", detail }]);
  }
  const isOut = kind === "waste" || kind === "transfer-out";
  return ok({ sku: article.value as Sku, quantityMilli: isOut ? -quantity.value : quantity.value });
}

function movementFault({
  pointer,
  expected,
  found,
}: ReturnType<typeof movementFaults>[number]): Fault {
  const detail = `Must be ${expected}, not ${found}.`;
  return { pointer: pointer.replace(/^\/\d+/, ""), code: "InvalidMovement", detail };
}

function readCounted(counted: string): Result<number, Refusal> {
  const quantity = readQuantity(counted, "/counted");
  if (!quantity.ok || quantity.value >= 0) return quantity;
  const detail = "What was counted is not less than zero.";
  return refuseFaults([{ pointer: "/counted", code: "InvalidQuantity", detail }]);
}

function checkCount(till: Till, count: string): Result<null, Refusal> {
  till.projection.sync();
  const row = till.projection
    .sql("SELECT opened_n, closed_n FROM counts WHERE count = ?")
    .get(count);
  if (row === undefined || row["opened_n"] === null) {
    return err({ type: "NotKnownHere", detail: "No count with this id is known on this device." });
  }
  return row["closed_n"] === null ? ok(null) : err({ type: "CountClosed" });
}

/**
 * A product: a new one with its price, or one whose facts change.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Page, Product, Tax } from "../api/shapes.ts";
import { readMoney } from "../money.ts";
import { Pick, TextField } from "../parts/fields.tsx";
import { FormDialog } from "../parts/form-dialog.tsx";
import { useRead } from "../parts/reading.ts";
import { useRecording } from "../parts/recording.ts";
import { useStore } from "../store.ts";
import { useWorkplace } from "../till/workplace.ts";

export interface ProductDialogProps {
  /** Absent for a new one. */
  readonly product?: Product;
  readonly onClose: () => void;
}

export function ProductDialog({ product, onClose }: ProductDialogProps): JSX.Element {
  const isNew = product === undefined;
  const [draft, setDraft] = useState<Draft>(() => draftOf(product));
  const taxes = useRead<Page<Tax>>("/taxes").value?.items ?? [];
  const taxCode = draft.taxCode || (taxes[0]?.taxCode ?? "");
  const { publish, isBusy, isUsable, fault } = usePublishing(
    { ...draft, taxCode },
    product,
    onClose,
  );
  return (
    <FormDialog
      title={isNew ? "Add product" : `Edit ${product.name}`}
      action="Publish product"
      isReady={!isBusy && isUsable}
      fault={fault}
      onSend={publish}
      onClose={onClose}
    >
      <DraftFields
        draft={{ ...draft, taxCode }}
        taxes={taxes}
        isNew={isNew}
        onChange={(changed) => setDraft({ ...draft, ...changed })}
      />
    </FormDialog>
  );
}

interface DraftFieldsProps {
  readonly draft: Draft;
  readonly taxes: readonly Tax[];
  readonly isNew: boolean;
  readonly onChange: (changed: Partial<Draft>) => void;
}

function DraftFields({ draft, taxes, isNew, onChange }: DraftFieldsProps): JSX.Element {
  const currency = useStore(useWorkplace().status)?.currency ?? "GBP";
  const field = (member: keyof Draft) => ({
    value: draft[member],
    onInput: (value: string) => onChange({ [member]: value }),
  });
  return (
    <>
      {isNew && <TextField label="SKU" {...field("sku")} maxLength={64} isRequired autoFocus />}
      <TextField label="Name" {...field("name")} isRequired />
      <TextField label="Barcodes" {...field("barcodes")} hint="Several with a space between" />
      <TextField label="Department" {...field("department")} />
      <TextField label="Unit" {...field("unit")} hint="each, kg, l …" maxLength={16} />
      <Pick
        label="Tax"
        value={draft.taxCode}
        onChange={(taxCode) => onChange({ taxCode })}
        options={taxes.map((tax) => [tax.taxCode, `${tax.name} ${tax.ratePercent} %`] as const)}
      />
      {isNew && <TextField label={`Price in ${currency}`} {...field("price")} isNumeric />}
    </>
  );
}

function usePublishing(draft: Draft, known: Product | undefined, onDone: () => void) {
  const isNew = known === undefined;
  const currency = useStore(useWorkplace().status)?.currency ?? "GBP";
  const { isBusy, fault, record } = useRecording();
  const price = readMoney(draft.price, currency);
  const isNamed = [draft.sku, draft.name, draft.taxCode].every((text) => text.trim() !== "");
  const publish = async () => {
    const products = [{ ...keptOf(known), ...productOf(draft) }];
    const label = `Product ${draft.name}`;
    const answered = await record("/hq/publications/catalogue", { products }, label);
    if (answered?.ok !== true) return;
    if (isNew && price !== undefined) {
      const prices = [{ sku: draft.sku.trim(), price }];
      const priced = await record("/hq/publications/prices", { prices }, `Price of ${draft.name}`);
      if (priced?.ok !== true) return;
    }
    onDone();
  };
  return { publish, isBusy, fault, isUsable: isNamed && (!isNew || price !== undefined) };
}

interface Draft {
  readonly sku: string;
  readonly name: string;
  readonly barcodes: string;
  readonly department: string;
  readonly unit: string;
  readonly taxCode: string;
  readonly price: string;
}

function draftOf(product: Product | undefined): Draft {
  const {
    sku = "",
    name = "",
    barcodes = [],
    department = "",
    unit = "each",
    taxCode = "",
  } = product ?? {};
  return { sku, name, barcodes: barcodes.join(" "), department, unit, taxCode, price: "" };
}

/** What the form does not ask for stays as it is. */
function keptOf(product: Product | undefined): object {
  const kept = ["tags", "openPrice", "deposit", "isDiscountable", "takeAwayTaxCode"] as const;
  return Object.fromEntries(
    kept.flatMap((name) => {
      const value = product?.[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function productOf({ sku, name, barcodes, department, unit, taxCode }: Draft): object {
  return {
    sku: sku.trim(),
    name: name.trim(),
    taxCode,
    barcodes: barcodes.split(/\s+/).filter(Boolean),
    ...(department.trim() === "" ? {} : { department: department.trim() }),
    ...(unit.trim() === "" ? {} : { unit: unit.trim() }),
  };
}

/**
 * An X or a Z.
 *
 * @module
 */

import type { JSX } from "preact";
import type { Counted, Report } from "../api/shapes.ts";
import { moneyText } from "../money.ts";
import { Fact } from "../parts/fact.tsx";
import { taxKey, taxName } from "../till/tax-text.ts";
import { tenderText } from "../till/tendering.ts";
import { dateText } from "../time.ts";

export function ReportView({ report }: { readonly report: Report }): JSX.Element {
  const { device, businessDate, sales, refunds, reversals, net, cash, receipts } = report;
  return (
    <article class="receipt">
      <header>
        <strong>{device.name}</strong>
        <span>{dateText(businessDate)}</span>
      </header>
      <dl class="receipt-sums">
        <Sum name="Sales" counted={sales} />
        <Sum name="Refunds" counted={refunds} />
        <Sum name="Reversals" counted={reversals} />
        <Fact name="Net" value={moneyText(net)} isStrong />
        {report.discount && <Fact name="Taken off" value={moneyText(report.discount)} />}
        {report.rounding && <Fact name="Rounding of cash" value={moneyText(report.rounding)} />}
        {report.tip && <Fact name="Tips" value={moneyText(report.tip)} />}
        {report.tenders.map(({ kind, taken, given }) => (
          <Fact
            key={kind}
            name={`${tenderText(kind)} taken / given back`}
            value={`${moneyText(taken)} / ${moneyText(given)}`}
          />
        ))}
        <Sum name="Cash in" counted={cash.in} />
        <Sum name="Cash out" counted={cash.out} />
        <Sum name="Drops" counted={cash.drop} />
        <Fact name="Drawer opened by hand" value={String(report.drawerOpenings)} />
        {report.taxes.map((row) => (
          <Fact key={taxKey(row)} name={taxName(row)} value={moneyText(row.tax)} />
        ))}
      </dl>
      <footer>
        <span>
          {receipts.count} receipts
          {receipts.first !== null && `, ${receipts.first} to ${receipts.last}`}
        </span>
      </footer>
    </article>
  );
}

function Sum({ name, counted }: { readonly name: string; readonly counted: Counted }): JSX.Element {
  return <Fact name={`${name} (${counted.count})`} value={moneyText(counted.total)} />;
}

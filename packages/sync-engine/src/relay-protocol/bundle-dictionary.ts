/**
 * What a bundle with one entry usually says, for a compressor to begin from. PROTOCOL.md §4 (BN).
 *
 * It only saves bytes and means nothing. Frozen with packing 2: another text needs another packing.
 *
 * @module
 */

import { utf8 } from "@tillmesh/kernel";

const place = '","location":"_\u0005AB';
const line =
  '{"amountMinor":1000,"lineId":"1","name":"Flat white","publications":{"catalogue":"pub_\u0004","price":"pub_\u0004","tax":"pub_\u0004"},' +
  '"quantityMilli":1000,"rateBp":2000,"sku":"A-001","taxCode":"standard","taxMinor":50,"unitPriceMinor":250}';
const foot = '"part":1,"previous":"\u0002","sequence":100,"v":1},"signature":"\u0003"}';

/** The most usual stands last. */
const parts: readonly string[] = [
  '{"items":[{"chains":[["-----BEGIN CERTIFICATE-----\\n","\\n-----END CERTIFICATE-----\\n"]],"type":"devices"},',
  '{"chain":[],"type":"certificate"},{"epoch":1,"grants":[{"box":"","device":"dev_\u0004"}],"type":"keys"},{"type":"revocation"},{"type":"revoked-statement","bytes":""},',
  '{"type":"want","what":[{"after":0,"device":"dev_\u0004","incarnation":1,"what":"ledger"},{"part":1,"sha256":"\u0002","what":"part"}]},',
  '{"firstSequence":1,"lastSequence":1000,"type":"part"},{"sha256":"\u0002","text":1,"type":"carry"}],"seen":[',
  '{"publication":{"actor":"","at":"\u0007Z/0000","epoch":1,"id":"pub_\u0004","items":[{"key":"standard//-","value":{"priceMinor":100,"effectiveFrom":null,"currency":"GBP"}}],' +
    '"previous":"\u0002","publisher":"dev_\u0004","seen":{"dev_\u0005AA":1},"sequence":1,"topic":"prices","v":1},"signature":"\u0003"}',
  `{"entry":{"actor":"","at":"\u0007/0000","body":{"countedMinor":0,"expectedMinor":0,"differenceMinor":0,"floatMinor":10000,"shiftId":"shift_\u0004","staff":"staff_\u0004"},"by":{"device":"dev_\u0005AA"},"kind":"shift-opened","kind":"shift-closed","kind":"stock","kind":"z","reason":"","reference":"","movements":[{"kind":"receipt"${place}","quantityMilli":10000,`,
  `{"entry":{"actor":"","at":"\u0007/0000","body":{"goods":"restock","lines":[],"reason":"","refundId":"refund_\u0004","saleId":"sale_\u0004"},"kind":"refund","kind":"return",`,
  '{"items":[{"signature":"\u0003","summary":{"device":"dev_\u0004","ledgers":[{"device":"dev_\u0004","hash":"\u0002","incarnation":1,"sequence":100},{"device":"dev_\u0004","hash":"\u0002","incarnation":1,"sequence":1}]},"type":"held"}],"seen":[{"lane":1,"publisher":"dev_\u0004","run":"AAAAAAAAAAA","sequence":1}],"v":1}',
  '{"items":[{"document":"ledger/dev_\u0004/1/1","texts":1,"type":"entries"}],"seen":[],"v":1}\n',
  `{"entry":{"actor":"0123456789abcdef","at":"\u0007/0000","body":{"changeMinor":0,"currency":"EUR","currency":"GBP","lines":[${line},${line}],"quoteId":"quote_\u0004","receiptNumber":"1234-1-000100","saleId":"sale_\u0004","shiftId":"shift_\u0004",` +
    '"taxes":[{"grossMinor":500,"name":"VAT 20 %","netMinor":450,"rateBp":2000,"taxCode":"standard","taxMinor":50},{"grossMinor":500,"name":"VAT 0 %","netMinor":500,"rateBp":0,"taxCode":"zero","taxMinor":0}],' +
    `"tenders":[{"amountMinor":1000,"kind":"card"},{"amountMinor":1000,"kind":"cash"}],"totalMinor":500},"bodyHash":"\u0002","businessDate":"2026-11-22","by":{"token":"`,
  `"},"by":{"staff":"staff_\u0004"},"device":"dev_\u0005AA","incarnation":1,"key":"\u0006","kind":"sale","location":"loc_\u0004",` +
    `"movements":[{"kind":"sale","location":"loc_\u0005AB","quantityMilli":-1000,"sku":"A-001"},{"kind":"sale","location":"loc_\u0005AB","quantityMilli":-1000,"sku":"A-001"}],${foot}`,
];

export const bundleDictionary: Uint8Array = utf8(parts.join(""));

/**
 * A small catalogue with every kind of article the contract speaks of.
 *
 * @module
 */

export const taxesCsv = `tax_code,name,rate_percent
standard,VAT 20 %,20
reduced,VAT 5 %,5
zero,VAT 0 %,0
`;

/** With a header of its own for the price, a name in quotes, a weighed article, one without stock. */
export const catalogueCsv = `sku,barcode,name,department,unit,price_gbp,tax_code,opening_stock
COF,2000000010007,Coffee,Drinks,each,2.90,standard,100
TEA,2000000010014,Tea,Drinks,each,2.40,standard,50
BRD,2000000010021,Bread,Bakery,each,3.10,zero,30
CHE,2000000010038,"Cheese, mature",Deli,kg,12.50,zero,5.5
SNK,2000000010045,Snack,Bakery,each,1.05,reduced,20
MUG,2000000010052,Mug,Gifts,each,7.99,standard,
`;

export const priceMap = "price=price_gbp";

/** Prices in minor units, for sums made beside the till's. */
export const pricesMinor = { COF: 290, TEA: 240, BRD: 310, SNK: 105 } as const;

export type Article = keyof typeof pricesMinor;

export const articles = Object.keys(pricesMinor) as readonly Article[];

export const openingUnits: Readonly<Record<Article, number>> = {
  COF: 100,
  TEA: 50,
  BRD: 30,
  SNK: 20,
};

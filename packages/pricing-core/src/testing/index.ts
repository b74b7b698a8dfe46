/**
 * Oracles and builders for tests of pricing.
 *
 * @module
 */

export { booksOf, type ShopFacts } from "./books-of.ts";
export { naiveBasket, type NaiveBasket, type NaiveLine } from "./naive-basket.ts";
export { naiveBook, type NaiveKey } from "./naive-book.ts";
export {
  naivePipeline,
  type NaiveAsked,
  type NaiveOff,
  type NaiveOrder,
  type NaiveRow,
} from "./naive-pipeline.ts";
export { naiveTaxes, type NaiveTax, type NaiveTaxLine } from "./naive-tax.ts";
export { publicationOf, type PublicationFacts } from "./publication-of.ts";
export { shopOf, type Article } from "./shop-of.ts";
export { naiveDeal } from "./naive-deal.ts";
export { dealContextOf, listedLineOf, listedLinesOf, type LineFacts } from "./deal-of.ts";

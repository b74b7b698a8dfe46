/**
 * Devices that move and count stock apart, arbitraries of it, and the reference model.
 *
 * @module
 */

export { stockWorlds } from "./arbitraries.ts";
export { referenceCell, referenceLevelByCut, type ReferenceCell } from "./reference-stock.ts";
export {
  allEntries,
  playStock,
  stockWorld,
  type StockAct,
  type StockReplica,
  type StockWorld,
} from "./stock-world.ts";

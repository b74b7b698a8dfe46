/**
 * The fiscal regimes that this till knows, by id.
 *
 * @module
 */

import {
  noRegime,
  norwaySaft,
  noVeriFactu,
  rksv,
  veriFactu,
  zatca,
  type Regime,
} from "@tillmesh/fiscal-queue";

const all: readonly Regime[] = [noRegime, rksv, veriFactu, noVeriFactu, zatca, norwaySaft];

const byId: ReadonlyMap<string, Regime> = new Map(all.map((regime) => [regime.id, regime]));

export function regimeNamed(id: string): Regime | undefined {
  return byId.get(id);
}

export const regimeIds: readonly string[] = all.map(({ id }) => id);

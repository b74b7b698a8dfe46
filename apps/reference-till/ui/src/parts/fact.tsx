/**
 * A name and its value, in a list of such.
 *
 * @module
 */

import type { ComponentChildren, JSX } from "preact";

export interface FactProps {
  readonly name: string;
  readonly value: ComponentChildren;
  readonly isStrong?: boolean;
  /** Something a person should see to. */
  readonly isBad?: boolean;
}

export function Fact({ name, value, isStrong = false, isBad = false }: FactProps): JSX.Element {
  return (
    <div class={["row", ...(isStrong ? ["strong"] : []), ...(isBad ? ["differs"] : [])].join(" ")}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

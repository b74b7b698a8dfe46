/**
 * What stands below a list: that it is empty, or that it goes on.
 *
 * @module
 */

import type { ComponentChildren, JSX } from "preact";
import type { Page } from "../api/shapes.ts";
import { Empty } from "./fields.tsx";
import type { Reading } from "./reading.ts";

export interface ListEndProps {
  readonly read: Reading<Page<unknown>>;
  readonly empty: ComponentChildren;
  readonly more: ComponentChildren;
}

export function ListEnd({ read, empty, more }: ListEndProps): JSX.Element | null {
  const { value, isReading } = read;
  if (value === undefined) return null;
  if (value.items.length === 0) return isReading ? null : <Empty>{empty}</Empty>;
  return value.next === null ? null : <p class="hint">{more}</p>;
}

/**
 * Which publication says so, and whose it is.
 *
 * @module
 */

import type { PublicationRef } from "@tillmesh/pricing-core";
import { deviceNamed, type Named } from "./names.ts";
import type { Till } from "./till.ts";

export interface PublicationAnswer {
  readonly id: string;
  readonly sequence: number;
  readonly publisher: Named;
}

export function publicationAnswer(
  till: Till,
  { id, sequence, publisher }: PublicationRef,
): PublicationAnswer {
  return { id, sequence, publisher: deviceNamed(till, publisher) };
}

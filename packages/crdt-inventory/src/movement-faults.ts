/**
 * The sign and the fields that each kind of movement must have. SPEC.md §1 (MS).
 *
 * @module
 */

import {
  isQuantityMilli,
  type HeldEntry,
  type Movement,
  type MovementKind,
} from "@tillmesh/kernel";

/** Everything wrong with `movements`, at once; pointers are relative to the list. */
export function movementFaults(movements: readonly Movement[]): readonly MovementFault[] {
  return movements.flatMap((movement, index) =>
    faultsOf(movement).map((fault) => ({ ...fault, pointer: `/${index}${fault.pointer}` })),
  );
}

/** `pointer` is a JSON pointer (RFC 6901). */
export interface MovementFault {
  readonly pointer: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * The movements of an entry that count. A wrong sign still counts, as its till's counter has it; what is no
 * quantity cannot. A revoked entry counts only once it is admitted.
 */
export function countedMovements({ entry, flags }: HeldEntry): readonly Movement[] {
  if (flags.includes("revoked")) return [];
  return (entry.movements ?? []).filter(({ quantityMilli }) => isQuantityMilli(quantityMilli));
}

type Sign = "positive" | "negative" | "not zero";

const signs: Readonly<Record<MovementKind, Sign>> = {
  sale: "negative",
  return: "positive",
  receipt: "positive",
  adjustment: "not zero",
  waste: "negative",
  "transfer-out": "negative",
  "transfer-in": "positive",
};

function faultsOf(movement: Movement): readonly MovementFault[] {
  const { kind, quantityMilli } = movement;
  if (!Object.hasOwn(signs, kind)) {
    return [{ pointer: "/kind", expected: Object.keys(signs).join(", "), found: kind }];
  }
  return [...quantityFaults(signs[kind], quantityMilli), ...transferFaults(movement)];
}

function quantityFaults(sign: Sign, quantityMilli: number): readonly MovementFault[] {
  const pointer = "/quantityMilli";
  const found = String(quantityMilli);
  if (!isQuantityMilli(quantityMilli)) {
    return [{ pointer, expected: "an integer of at most 10^12 thousandths", found }];
  }
  return hasSign(sign, quantityMilli) ? [] : [{ pointer, expected: sign, found }];
}

function hasSign(sign: Sign, quantityMilli: number): boolean {
  if (sign === "not zero") return quantityMilli !== 0;
  return sign === "positive" ? quantityMilli > 0 : quantityMilli < 0;
}

function transferFaults({
  kind,
  location,
  transfer,
  counterpart,
}: Movement): readonly MovementFault[] {
  const isTransfer = kind === "transfer-out" || kind === "transfer-in";
  const found = transfer ?? "nothing";
  if (!isTransfer) {
    const expected = "nothing, as this is no transfer";
    return transfer === undefined ? [] : [{ pointer: "/transfer", expected, found }];
  }
  const needsCounterpart = kind === "transfer-out" && counterpart === undefined;
  return [
    ...(transfer ? [] : [{ pointer: "/transfer", expected: "a transfer id", found }]),
    ...(needsCounterpart || counterpart === location
      ? [
          {
            pointer: "/counterpart",
            expected: "the location at the other end",
            found: counterpart ?? "nothing",
          },
        ]
      : []),
  ];
}

/**
 * Exceptions in words.
 *
 * @module
 */

import type { ListedException } from "../api/shapes.ts";
import { milliOf, quantityText } from "../money.ts";

export interface ExceptionText {
  readonly title: string;
  readonly detail: string;
}

/** One that is not known by name is told by its facts. */
export function exceptionText(
  exception: ListedException,
  nameBySku: ReadonlyMap<string, string>,
): ExceptionText {
  const known = texts[exception.type];
  const sku = textOf(exception["sku"] ?? "");
  const article = nameBySku.get(sku) ?? sku;
  return known === undefined
    ? { title: spaced(exception.type), detail: factsOf(exception) }
    : { title: known.title, detail: known.detail(exception, article) };
}

interface Told {
  readonly title: string;
  readonly detail: (facts: ListedException, article: string) => string;
}

const texts: Readonly<Record<string, Told>> = {
  OversellRaised: {
    title: "Oversold",
    detail: (facts, article) =>
      `${article} stands at ${quantityText(milliOf(textOf(facts["level"])))}. Count it, or receive what came.`,
  },
  RecountNeeded: {
    title: "Count again",
    detail: (_, article) => `${article} was counted on several devices that were apart.`,
  },
  LateMovement: {
    title: "Moved before a count, learned after it",
    detail: (facts, article) =>
      `${article}: ${quantityText(milliOf(textOf(facts["quantity"])))} (${textOf(facts["kind"])}). Were the goods still on the shelf?`,
  },
  OverReceived: {
    title: "More received than shipped",
    detail: (_, article) => `${article}: check the transfer.`,
  },
  OverRefund: {
    title: "More given back than sold",
    detail: () => "Refunds made apart are both kept: find out what happened.",
  },
  PublicationConflict: {
    title: "Headquarters said two things at once",
    detail: (facts) =>
      `${textOf(facts["topic"])} ${textOf(facts["key"])}: the highest sequence is in force. Publish it again to settle it.`,
  },
  PublicationUnreadable: {
    title: "A publication cannot be read",
    detail: (facts) => `${textOf(facts["topic"])} ${textOf(facts["key"])}`,
  },
  Fork: {
    title: "A ledger has two branches",
    detail: (facts) =>
      `From entry ${textOf(facts["sequence"])} on. Was a device copied or restored? Both branches count.`,
  },
};

function spaced(type: string): string {
  const words = type.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function factsOf(exception: ListedException): string {
  return Object.entries(exception)
    .filter(([name]) => !["id", "type", "at"].includes(name))
    .map(([name, value]) => `${name}: ${textOf(value)}`)
    .join(", ")
    .slice(0, 300);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * The same entries in plain automerge-repo: a document for each till, as `plain-repo.ts` keeps them.
 *
 * @module
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { change, Counter, from, ImmutableString, load, save, type Doc } from "@automerge/automerge";
// oxlint-disable-next-line no-restricted-imports -- this is what the relay is measured against
import { Repo } from "@automerge/automerge-repo";
// oxlint-disable-next-line no-restricted-imports -- see above
import { WebSocketServerAdapter } from "@automerge/automerge-repo-network-websocket";
import { assert, type Entry } from "@tillmesh/kernel";
import { WebSocketServer } from "ws";
import { openBundle, type PlainBundle } from "./relay-hand-over-bundles.ts";

export type TillDocument = {
  entries: ImmutableString[];
  stock: Record<string, Counter>;
};

/** Serves one document a till; making them takes a minute and is done once. */
export async function openPlainDocuments(
  bundles: readonly PlainBundle[],
  dataDirectory: string,
): Promise<{
  readonly port: number;
  readonly urls: readonly string[];
  readonly close: () => Promise<void>;
}> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
  const repo = new Repo({
    // Its usual five seconds are too short for a client that is taking a document of three thousand changes.
    network: [new WebSocketServerAdapter(server as never, keepAliveMs)],
    sharePolicy: () => Promise.resolve(true),
  });
  const directory = join(dataDirectory, "away-shop/automerge");
  const documents = existsSync(directory)
    ? readDocuments(directory)
    : writeDocuments(directory, await textsByTill(bundles));
  const urls = documents.map((bytes) => repo.import<TillDocument>(bytes).url as string);
  const address = server.address();
  assert(address !== null && typeof address === "object", "a listening server has a port");
  return {
    port: (address satisfies AddressInfo).port,
    urls,
    close: async () => {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const keepAliveMs = 600_000;

function readDocuments(directory: string): readonly Uint8Array[] {
  const names = Array.from({ length: documentsMax }, (_, n) => join(directory, `${n}`));
  return names.filter((path) => existsSync(path)).map((path) => new Uint8Array(readFileSync(path)));
}

const documentsMax = 64;

function writeDocuments(
  directory: string,
  texts: ReadonlyMap<string, readonly string[]>,
): readonly Uint8Array[] {
  const documents = [...texts.values()].map((ofTill) => save(documentOf(ofTill)));
  mkdirSync(directory, { recursive: true });
  for (const [n, bytes] of documents.entries()) writeFileSync(join(directory, `${n}`), bytes);
  return documents.map((bytes) => save(load(bytes)));
}

/** One change an entry, as a till makes them. */
function documentOf(texts: readonly string[]): Doc<TillDocument> {
  let document = from<TillDocument>({ entries: [], stock: {} });
  for (const text of texts) {
    const { entry } = JSON.parse(text) as { readonly entry: Entry };
    document = change(document, (ledger) => {
      ledger.entries.push(new ImmutableString(text));
      for (const { location, sku, quantityMilli } of entry.movements ?? []) {
        const key = `${location}/${sku}`;
        const counter = ledger.stock[key];
        if (counter) counter.increment(quantityMilli);
        else ledger.stock[key] = new Counter(quantityMilli);
      }
    });
  }
  return document;
}

async function textsByTill(
  bundles: readonly PlainBundle[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const entries = new Map<string, Map<number, string>>();
  for (const { bytes } of bundles) {
    for (const item of (await openBundle(bytes)).items) {
      const texts =
        item.type === "part" ? item.text.split("\n") : item.type === "entries" ? item.texts : [];
      for (const text of texts) {
        const { entry } = JSON.parse(text) as { readonly entry: Entry };
        const ofTill = entries.get(entry.device) ?? new Map<number, string>();
        entries.set(entry.device, ofTill.set(entry.sequence, text));
      }
    }
  }
  return new Map(
    [...entries].map(([device, texts]) => {
      return [device, [...texts].toSorted(([a], [b]) => a - b).map(([, text]) => text)] as const;
    }),
  );
}

/**
 * Makes a fresh clone able to run: Node, pnpm, dependencies, pages. Repeating it is cheap.
 *
 * Progress goes to stderr, because the caller's stdout may be a file somebody keeps.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { ensurePackage, removeLeftovers } from "./install.mjs";
import { withLock } from "./lock.mjs";
import * as places from "./places.mjs";
import { following, runStep } from "./processes.mjs";
import { markReady, readyNode } from "./ready.mjs";
import { installFingerprint, isFresh, pagesFingerprint, writeStamp } from "./stamps.mjs";

/** The Node to run with; installs what is missing. `pages` asks for the built pages too. */
export async function setup({ pages }) {
  const node = isDone(pages) && readyNode({ pages });
  if (node) return node;
  return withLock(path.join(places.cache, "setup.lock"), say, () => doSetup(pages));
}

/** Installs by the manifests and writes the lockfile anew: after a change to a `package.json`. */
export async function renewLockfile() {
  await withLock(path.join(places.cache, "setup.lock"), say, () =>
    doSetup(false, "--no-frozen-lockfile"),
  );
}

async function doSetup(pages, lockfile = "--frozen-lockfile") {
  removeLeftovers();
  const node = isSuitableNode() ? process.execPath : await ensurePackage(places.nodePackage(), say);
  await installDependencies(node, lockfile);
  if (pages) await buildPages(node);
  markReady(node, { pages: pages || arePagesFresh() });
  return node;
}

async function installDependencies(node, lockfile) {
  if (isFresh(places.installStamp, dependenciesFingerprint())) return;
  const pnpm = await ensurePackage(places.pnpmPackage(), say);
  say("installing dependencies");
  fs.rmSync(places.installStamp, { force: true });
  const wanted = [pnpm, "install", lockfile, ...pnpmFlags];
  // A pnpm that outlives us would write into the same node_modules as the next setup's.
  const { args, options } = following(wanted, { env: pnpmEnvironment(node) });
  await runStep("pnpm install", [node, ...args], options);
  writeStamp(places.installStamp, dependenciesFingerprint());
}

async function buildPages(node) {
  const pages = pagesToBuild();
  if (arePagesFresh(pages)) return;
  const pnpm = await ensurePackage(places.pnpmPackage(), say);
  say("building the pages");
  const command = [node, pnpm, "--filter", "@tillmesh/reference-till", "run", "build:ui"];
  await runStep("Building the pages", command, { env: pnpmEnvironment(node) });
  writeStamp(pagesStamp, pages);
}

const pnpmFlags = ["--prefer-offline", "--reporter=append-only"];

const pagesSource = "apps/reference-till/ui";
const pagesStamp = path.join(places.root, pagesSource, "dist", ".built-from");

function isDone(pages) {
  if (!isFresh(places.installStamp, dependenciesFingerprint())) return false;
  return !pages || arePagesFresh();
}

function arePagesFresh(wanted = pagesToBuild()) {
  return wanted === undefined || isFresh(pagesStamp, wanted);
}

/** The fingerprint of the page sources, or undefined while there are no pages to build. */
function pagesToBuild() {
  const manifest = path.join(places.root, "apps/reference-till/package.json");
  if (!fs.existsSync(manifest) || !fs.existsSync(path.join(places.root, pagesSource))) {
    return undefined;
  }
  const { scripts } = JSON.parse(fs.readFileSync(manifest, "utf8"));
  return scripts?.["build:ui"] ? pagesFingerprint(pagesSource) : undefined;
}

/** The same Node version gives the same fingerprint, whether it was found or installed. */
function dependenciesFingerprint() {
  const node = isSuitableNode() ? process.version : `v${places.nodePackage().version}`;
  return installFingerprint([node, places.pnpmPackage().version]);
}

function isSuitableNode() {
  return places.isSuitableNode(process.version);
}

/** pnpm must not ask questions, and takes a registry given to npm by environment as well. */
function pnpmEnvironment(node) {
  const registry = process.env["npm_config_registry"];
  return {
    ...withNodeFirst(node),
    CI: "true",
    ...(registry ? { pnpm_config_registry: registry } : {}),
  };
}

/** The environment in which `node` and the tools of this repository are found first. */
export function withNodeFirst(node) {
  const pnpm = places.pnpmPackage();
  const folders = [
    path.dirname(node),
    path.join(places.root, "node_modules", ".bin"),
    path.join(places.cache, `${pnpm.name}-${pnpm.version}`, "node_modules", ".bin"),
  ];
  const key = Object.keys(process.env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  return { ...process.env, [key]: [...folders, process.env[key]].join(path.delimiter) };
}

function say(text) {
  process.stderr.write(`tillmesh: ${text}\n`);
}

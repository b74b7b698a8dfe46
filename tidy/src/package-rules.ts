/**
 * Rules about packages: what each must have, and what it may depend on.
 *
 * @module
 */

import { findingIf, isTest, perFile, type RepositoryFile, type Rule } from "./rule.ts";

export const packagesAreComplete: Rule = (files) => {
  const paths = new Set(files.map((file) => file.path));
  const wanted = files.flatMap(({ path }) => {
    const folder = /^((?:packages|apps)\/[^/]+)\/package\.json$/.exec(path)?.[1];
    if (!folder) return [];
    const index = folder.startsWith("packages/") ? [`${folder}/src/index.ts`] : [];
    return [`${folder}/README.md`, ...index];
  });
  return wanted.filter((path) => !paths.has(path)).map((path) => `${path}: missing`);
};

export const namedExports: Rule = perFile(
  (path) => /^packages\/[^/]+\/src\//.test(path) && !isTest(path),
  ({ text }) => findingIf(/^export \*/m.test(text), "`export *`; name every export"),
);

/** Peer dependencies are promises to others and may be ranges; the rest is what we build with. */
export const exactVersions: Rule = perFile(isManifest, (file) =>
  pinnedDependencies(file)
    .filter(([, version]) => !/^(npm:@?[^@]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .filter(([, version]) => version !== "workspace:*")
    .map(([name, version]) => `${name} "${version}" is not an exact version`),
);

const domainPackages = [
  "sales-ledger",
  "crdt-inventory",
  "pricing-core",
  "fiscal-queue",
  "device-drivers",
];

/** XML as others define it: fiscal-queue reads it, and a reader of it is not ours to write. */
const outsideLibraries = new Set(["@xmldom/xmldom", "xml-crypto"]);

export const domainDependsOnKernel: Rule = perFile(
  (path) => domainPackages.some((name) => path === `packages/${name}/package.json`),
  (file) =>
    Object.keys(parse(file).dependencies ?? {})
      .filter((name) => name !== "@tillmesh/kernel" && !outsideLibraries.has(name))
      .map((name) => `depends on ${name}; a domain package depends on @tillmesh/kernel only`),
);

/** A document made by one copy of Automerge is not a document to another copy. */
export const oneAutomerge: Rule = perFile(
  (path) => path === "pnpm-lock.yaml",
  ({ text }) => {
    const found = text.matchAll(/^ {2}'?@automerge\/automerge@([\d.]+)/gm);
    const versions = new Set(Array.from(found, ([, version]) => version));
    const sentence = `${versions.size} copies of @automerge/automerge: ${[...versions].join(", ")}`;
    return findingIf(versions.size !== 1, sentence);
  },
);

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function pinnedDependencies(file: RepositoryFile): readonly (readonly [string, string])[] {
  const manifest = parse(file);
  return Object.entries({
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.optionalDependencies,
  });
}

function parse(file: RepositoryFile): Manifest {
  return JSON.parse(file.text) as Manifest;
}

function isManifest(path: string): boolean {
  return path === "package.json" || path.endsWith("/package.json");
}

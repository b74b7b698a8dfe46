/**
 * Takes a program from the npm registry into toolchain/.cache, whole or not at all.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { cache } from "./places.mjs";
import { runStep } from "./processes.mjs";

/** The path of the package's executable, installed if it is not there. */
export async function ensurePackage({ name, version, executable }, say) {
  const home = path.join(cache, `${name}-${version}`);
  const target = path.join(home, "node_modules", name, executable);
  if (fs.existsSync(target)) return target;

  say(`installing ${name} ${version}`);
  fs.mkdirSync(cache, { recursive: true });
  const temporary = fs.mkdtempSync(path.join(cache, unfinished));
  fs.writeFileSync(path.join(temporary, "package.json"), '{ "private": true }\n');
  await npmInstall(temporary, `${name}@${version}`);
  fs.rmSync(home, { recursive: true, force: true });
  fs.renameSync(temporary, home);
  return target;
}

/** Remove what interrupted installations left; call it under the lock. */
export function removeLeftovers() {
  if (!fs.existsSync(cache)) return;
  for (const entry of fs.readdirSync(cache)) {
    if (!entry.startsWith(unfinished)) continue;
    try {
      fs.rmSync(path.join(cache, entry), { recursive: true, force: true });
    } catch {
      // The npm of a setup that was killed may still be writing there; a later setup gets it.
    }
  }
}

const unfinished = "unfinished-";

function npmInstall(prefix, spec) {
  const args = ["install", spec, "--prefix", prefix, ...npmFlags];
  const step = `Installing ${spec} with npm`;
  const options = { cwd: prefix };
  const npmScript = process.env["npm_execpath"] ?? "";
  if (/npm-cli\.c?js$/.test(npmScript)) {
    return runStep(step, [process.execPath, npmScript, ...args], options);
  }
  const shell = process.platform === "win32";
  return runStep(step, ["npm", ...args], { ...options, shell });
}

const npmFlags = [
  "--no-save",
  "--ignore-scripts",
  "--no-package-lock",
  "--no-audit",
  "--no-fund",
  "--engine-strict=false",
  "--global=false",
  "--loglevel=error",
];

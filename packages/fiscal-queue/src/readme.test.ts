import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("the example in the README runs as it stands", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [, example = ""] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  expect(example).toContain("seal(");
  const file = fileURLToPath(new URL(`readme-example-${process.pid}.ts`, import.meta.url));
  writeFileSync(file, example);
  try {
    const options = ["--conditions=@tillmesh/source", "--disable-warning=ExperimentalWarning"];
    const printed = execFileSync(process.execPath, [...options, file], {
      encoding: "utf8",
      timeout: 20_000,
    });
    expect(printed).toBe("B1-1-000001 1 true\n");
  } finally {
    rmSync(file);
  }
});

import { expect, test } from "vitest";
import { readRepository } from "./repository.ts";
import { rules } from "./rules.ts";
import { sabotages } from "./sabotages.ts";

const files = readRepository();

test("there are files to check", () => {
  expect(files.map((file) => file.path)).toContain("package.json");
});

for (const [name, rule] of Object.entries(rules)) {
  test(name, () => {
    const findings = rule(files);
    expect(findings.length, `\n${findings.join("\n")}\n`).toBe(0);
  });
}

for (const { name, file, find } of sabotages) {
  test(`sabotage "${name}" still has something to break`, () => {
    const text = files.find(({ path }) => path === file)?.text ?? "";
    expect(text.split(find)).toHaveLength(2);
  });
}

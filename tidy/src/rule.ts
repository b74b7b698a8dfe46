/**
 * What a rule of this repository is: files in, sentences about what is wrong out.
 *
 * @module
 */

export interface RepositoryFile {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** One sentence per finding, starting with the path; empty when all is well. */
export type Rule = (files: readonly RepositoryFile[]) => readonly string[];

/** A rule that looks at each file alone. */
export function perFile(
  applies: (path: string) => boolean,
  findings: (file: RepositoryFile) => readonly string[],
): Rule {
  return (files) =>
    files
      .filter((file) => applies(file.path))
      .flatMap((file) => findings(file).map((finding) => `${file.path}: ${finding}`));
}

/** `sentence` when something is wrong, nothing otherwise. */
export function findingIf(isWrong: boolean, sentence: string): readonly string[] {
  return isWrong ? [sentence] : [];
}

/** Each distinct match of `pattern`, as a finding. */
export function matches(text: string, pattern: RegExp, describe: string): readonly string[] {
  const found = new Set(Array.from(text.matchAll(pattern), ([match]) => match.trim()));
  return Array.from(found, (match) => `${describe}: ${match}`);
}

export function isSource(path: string): boolean {
  return /\.(ts|tsx|mts|mjs|js)$/.test(path);
}

export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path);
}

/**
 * Short messages at the foot of the page.
 *
 * @module
 */

export interface Notice {
  readonly number: number;
  readonly tone: "done" | "fault";
  readonly text: string;
}

export interface Notices {
  readonly next: number;
  readonly shown: readonly Notice[];
}

export type NoticesAction =
  | { readonly type: "tell"; readonly tone: Notice["tone"]; readonly text: string }
  | { readonly type: "dismiss"; readonly number: number };

export const noNotices: Notices = { next: 1, shown: [] };

const shownMax = 3;

export function stepNotices({ next, shown }: Notices, action: NoticesAction): Notices {
  if (action.type === "dismiss") {
    return { next, shown: shown.filter(({ number }) => number !== action.number) };
  }
  const { tone, text } = action;
  const others = shown.filter((notice) => notice.text !== text);
  return { next: next + 1, shown: [...others, { number: next, tone, text }].slice(-shownMax) };
}

/**
 * Moments for people.
 *
 * @module
 */

/** `"just now"`, `"4 min ago"`, `"3 h ago"`, `"2 days ago"`. */
export function agoText(atMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - atMs) / 1000));
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} days ago`;
}

/** `"22 Nov 2026, 14:05"` at the location. */
export function momentText(at: string, timeZone: string): string {
  return formatter({ dateStyle: "medium", timeStyle: "short", timeZone }).format(new Date(at));
}

/** `"14:05"` at the location. */
export function clockText(at: string | number, timeZone: string): string {
  return formatter({ timeStyle: "short", timeZone }).format(new Date(at));
}

/** The clock on the wall there, to compare: `"2026-11-22T14:05"`. */
export function localMinute(atMs: number, timeZone: string): string {
  const options = { dateStyle: "short", timeStyle: "short", timeZone } as const;
  // Swedes write dates as ISO 8601 does.
  return new Intl.DateTimeFormat("sv-SE", options).format(atMs).replace(" ", "T");
}

/** `"Sun 22 Nov 2026"` of a business date. */
export function dateText(date: string): string {
  const options = { weekday: "short", day: "numeric", month: "short", year: "numeric" } as const;
  return formatter({ ...options, timeZone: "UTC" }).format(new Date(`${date}T12:00:00Z`));
}

/** `"22 Nov 2026"`. */
export function dayText(date: string): string {
  return formatter({ dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${date}T12:00:00Z`));
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = JSON.stringify(options);
  const known = formatters.get(name);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-GB", options);
  formatters.set(name, made);
  return made;
}

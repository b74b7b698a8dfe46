/**
 * Ages that are shown go on while nothing else happens.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";

/** Draws the component again every few seconds. */
export function useNow(everyMs = 5000): void {
  const [, setCount] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setCount((count) => count + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}

/**
 * A link within the pages.
 *
 * @module
 */

import type { ComponentChildren, JSX } from "preact";
import { goTo } from "../route.ts";

export interface LinkProps {
  readonly to: string;
  readonly class?: string;
  readonly isCurrent?: boolean;
  readonly children: ComponentChildren;
}

export function Link({ to, isCurrent = false, children, ...rest }: LinkProps): JSX.Element {
  return (
    <a
      href={to}
      {...rest}
      aria-current={isCurrent ? "page" : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        goTo(to);
      }}
    >
      {children}
    </a>
  );
}

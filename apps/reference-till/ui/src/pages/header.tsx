/**
 * Where we are, who works here, and how this device is connected.
 *
 * @module
 */

import type { JSX } from "preact";
import type { Session } from "../api/shapes.ts";
import { Link } from "../parts/link.tsx";
import { usePath } from "../route.ts";
import { useStore } from "../store.ts";
import { onlyHereText, peerSummary } from "../till/link.ts";
import { useWorkplace } from "../till/workplace.ts";
import { LinkSwitches } from "./link-switches.tsx";

export function Header({ session }: { readonly session: Session }): JSX.Element {
  const workplace = useWorkplace();
  const status = useStore(workplace.status);
  return (
    <header class="header">
      <div class="header-place">
        <strong>{status?.device.name ?? "Tillmesh"}</strong>
        <span>{status?.location.name}</span>
      </div>
      <Navigation session={session} />
      <div class="header-links">
        <Connection />
        {session.role === "manager" && status !== null && <LinkSwitches status={status} />}
      </div>
      <div class="header-staff">
        <span>{session.staff.name}</span>
        <button type="button" class="quiet-button" onClick={workplace.signOut}>
          Sign out
        </button>
      </div>
    </header>
  );
}

function Navigation({ session }: { readonly session: Session }): JSX.Element {
  const status = useStore(useWorkplace().status);
  const path = usePath();
  const isManager = session.role === "manager";
  const isPublisher = isManager && status?.roles.includes("hq") === true;
  const pages = [
    ["/", "Sell"],
    ["/sales", "Sales"],
    ["/shift", "Shift"],
    ["/stock", "Stock"],
    ...(isPublisher ? publisherPages : isManager ? managerPages : []),
    ...(isManager ? fiscalPages : []),
    ["/sync", "Sync"],
  ] as const;
  return (
    <nav aria-label="Pages">
      {pages.map(([to, name]) => (
        <Link key={to} to={to} isCurrent={isCurrent(path, to)}>
          {name}
        </Link>
      ))}
    </nav>
  );
}

const publisherPages = [
  ["/products", "Products"],
  ["/devices", "Devices"],
] as const;

/** Who publishes finds the promotions beside the products. */
const managerPages = [["/promotions", "Promotions"]] as const;

const fiscalPages = [["/fiscal", "Fiscal"]] as const;

function isCurrent(path: string, to: string): boolean {
  if (to === "/stock" && path === "/count") return true;
  if (to === "/products" && path === "/promotions") return true;
  return path === to || (to !== "/" && path.startsWith(`${to}/`));
}

function Connection(): JSX.Element {
  const workplace = useWorkplace();
  const status = useStore(workplace.status);
  const { isReached, aloneAtMs } = useStore(workplace.link);
  if (!isReached) {
    return (
      <Link to="/sync" class="connection bad">
        <span>No service</span>
      </Link>
    );
  }
  if (status === null) return <span class="connection quiet">…</span>;
  const { tone, text } = peerSummary(status, aloneAtMs);
  const { entries } = status.onlyHere;
  return (
    <Link to="/sync" class={`connection ${tone}`}>
      <span>{text}</span>
      {(entries > 0 || tone !== "quiet") && <small>{onlyHereText(entries)}</small>}
    </Link>
  );
}

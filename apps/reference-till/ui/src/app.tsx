/**
 * The whole: signed out, the PIN pad; signed in, header, page, what waits for an answer, notices.
 *
 * @module
 */

import type { JSX } from "preact";
import { SellPage } from "./pages/sell-page.tsx";
import { Banners } from "./pages/banners.tsx";
import { DevicesPage } from "./pages/devices-page.tsx";
import { FiscalPage } from "./pages/fiscal-page.tsx";
import { Header } from "./pages/header.tsx";
import { NoticeList } from "./pages/notice-list.tsx";
import { ProductsPage } from "./pages/products-page.tsx";
import { PromotionsPage } from "./pages/promotions-page.tsx";
import { SalesPage } from "./pages/sales-page.tsx";
import { ShiftPage } from "./pages/shift-page.tsx";
import { SignInPage } from "./pages/sign-in-page.tsx";
import { StockPage } from "./pages/stock-page.tsx";
import { CountPage } from "./pages/count-page.tsx";
import { SyncPage } from "./pages/sync-page.tsx";
import { UnansweredDialog } from "./pages/unanswered-dialog.tsx";
import { usePath } from "./route.ts";
import { useStore } from "./store.ts";
import { useWorkplace } from "./till/workplace.ts";

export function App(): JSX.Element {
  const workplace = useWorkplace();
  const session = useStore(workplace.session);
  const unanswered = useStore(workplace.unanswered);
  if (session === null) {
    return (
      <>
        <Banners />
        <SignInPage isWaiting={unanswered.length > 0} />
      </>
    );
  }
  return (
    <>
      <Header session={session} />
      <Banners />
      <main id="main">
        <CurrentPage />
      </main>
      {unanswered.length > 0 && <UnansweredDialog requests={unanswered} />}
      <NoticeList />
    </>
  );
}

function CurrentPage(): JSX.Element {
  const path = usePath();
  if (path === "/sales" || path.startsWith("/sales/")) {
    return <SalesPage sale={path.slice("/sales/".length)} />;
  }
  const Page = pages[path] ?? SellPage;
  return <Page />;
}

const pages: Readonly<Record<string, () => JSX.Element>> = {
  "/shift": ShiftPage,
  "/stock": StockPage,
  "/count": CountPage,
  "/products": ProductsPage,
  "/promotions": PromotionsPage,
  "/devices": DevicesPage,
  "/fiscal": FiscalPage,
  "/sync": SyncPage,
};

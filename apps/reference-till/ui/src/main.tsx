/**
 * Starts the pages.
 *
 * @module
 */

import { render } from "preact";
import { App } from "./app.tsx";
import { followAddress } from "./route.ts";
import { takeSlot } from "./till/slots.ts";
import { openWorkplace, WorkplaceContext } from "./till/workplace.ts";

const root = document.querySelector("#app");
if (root !== null) {
  const workplace = openWorkplace(await takeSlot(navigator.locks));
  followAddress();
  render(
    <WorkplaceContext.Provider value={workplace}>
      <App />
    </WorkplaceContext.Provider>,
    root,
  );
}

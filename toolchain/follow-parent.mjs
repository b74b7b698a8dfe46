/**
 * Loaded into an app that was started through a parent: dies when the parent dies.
 *
 * Whoever kills the launcher means the till. A till that outlives its launcher would hold the
 * data directory against the next start, so it ends as if it had been killed itself. The
 * parent holds the other end of a pipe; a thread waits for it to close, because the main
 * thread may be inside a write.
 *
 * @module
 */

import net from "node:net";
import { isMainThread, Worker, workerData } from "node:worker_threads";

const fd = Number(process.env["TILLMESH_PARENT_FD"]);

if (isMainThread && fd > 2) {
  // Programs this one starts have another parent, and may use the number for something else.
  delete process.env["TILLMESH_PARENT_FD"];
  new Worker(new URL(import.meta.url), { workerData: { parentFd: fd }, execArgv: [] }).unref();
} else if (workerData?.parentFd) {
  const pipe = new net.Socket({ fd: workerData.parentFd, readable: true, writable: false });
  pipe.on("error", () => {}).on("close", () => process.kill(process.pid, "SIGKILL"));
  pipe.resume();
}

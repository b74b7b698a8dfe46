import { systemClock } from "@tillmesh/kernel/node";
import { testCrypto } from "@tillmesh/kernel/testing";
import { faultFiles, type FaultFiles } from "@tillmesh/sync-engine/testing";
import { describe, expect, test } from "vitest";
import { logStoreSuite } from "../testing/index.ts";
import { openFilesStore, type FilesStore } from "./files-store.ts";
import { defaultFilesSettings, type FilesSettings } from "./store-state.ts";

function open(files: FaultFiles, settings: Partial<FilesSettings> = {}): FilesStore {
  const opened = openFilesStore({
    files,
    directory: files.root,
    clock: systemClock(),
    crypto: testCrypto(files.operations()),
    settings: { ...defaultFilesSettings, freeMinBytes: 0, ...settings },
  });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return opened.value;
}

for (const [name, settings] of [
  ["files", {}],
  ["files, tiny segments, nothing in memory", { segmentSizeBytes: 600, recentSizeBytes: 0 }],
] as const) {
  logStoreSuite(
    name,
    async () => {
      const files = faultFiles();
      let store = open(files, settings);
      const first = store;
      return {
        store: first,
        restart: async () => {
          await store.close();
          store = open(files, settings);
          return store;
        },
        dispose: async () => {
          await store.close();
          files.dispose();
        },
      };
    },
    { describe, test, expect },
  );
}

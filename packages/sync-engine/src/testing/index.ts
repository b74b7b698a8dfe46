/**
 * Simulated replicas and networks, and a file layer that loses power.
 *
 * @module
 */

export { freePort } from "./free-port.ts";
export {
  crashAt,
  crashTemplate,
  disposeTemplate,
  type CrashKind,
  type CrashTemplate,
} from "./crash-life.ts";
export { carryTemplate, crashCarryAt } from "./crash-carry.ts";
export { faultFiles, type FaultFiles } from "./fault-files.ts";
export { carriedBy, heldBy, type SimCarried } from "./sim-app.ts";
export { checkDocuments, checkHealing, checkNode, checkReload } from "./sim-checks.ts";
export {
  mutate,
  randomFrom,
  runFuzz,
  type FuzzPlan,
  type FuzzRandom,
  type FuzzReport,
  type FuzzSurface,
} from "./fuzz.ts";
export {
  alive,
  arrive,
  breakNextAppend,
  checkpointOn,
  clone,
  commitOn,
  deliverSome,
  die,
  drawBelow,
  exchangeSome,
  heal,
  note,
  publicationsHeldBy,
  publishOn,
  restart,
  setBack,
  settle,
  simNetwork,
  takeBackup,
  viewOf,
  type SimNetwork,
  type SimNode,
} from "./sim-network.ts";
export {
  copyDisk,
  emptyDisk,
  smallLimits,
  startReplica,
  type SimDevice,
  type SimDisk,
  type SimWorld,
} from "./sim-replica.ts";
export { openChannelKeys } from "../node/channel-keys.ts";
export { openReplicaParts, type OpenedReplica } from "../node/open-replica.ts";
export { parseDocumentName } from "../documents/document-name.ts";
export { acceptPart } from "../replica/accept-part.ts";
export { receiveTexts } from "../replica/receive-texts.ts";

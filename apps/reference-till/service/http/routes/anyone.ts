/**
 * The key of a call that needs no actor.
 *
 * @module
 */

import type { ApiRequest, RequestId } from "../route.ts";

export function callOfAnyone({ request }: ApiRequest): RequestId {
  if (request === undefined) throw new Error("Bug: a POST without a key");
  return request;
}

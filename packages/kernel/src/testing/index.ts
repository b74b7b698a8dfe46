/**
 * Time, randomness and keys under a seed, for tests.
 *
 * @module
 */

export { testClock, type TestClock } from "./test-clock.ts";
export { testCrypto, testSigner } from "./test-crypto.ts";
export { testRandom } from "./test-random.ts";

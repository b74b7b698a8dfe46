/**
 * A whole shop in one process, under a seed.
 *
 * @module
 */

export { runScenario, type Scenario, type SimAct } from "./run.ts";
export { scenarios, type ScenarioOptions } from "./scenarios.ts";

/**
 * Promotions, price lists and the policy, as headquarters publishes them.
 *
 * Values are published as they are given; every reader checks them by the rules that are checked here.
 *
 * @module
 */

import type { Json } from "@tillmesh/kernel";
import { listItems, policyItems, promotionItems } from "../../till/pricing-items.ts";
import type { Till } from "../../till/till.ts";
import { route, type Route } from "../route.ts";
import { array, described, nullable, object, type Schema } from "../schema.ts";
import { atLeastOne, publishedAnswer, publishing, publishItems } from "./publishing.ts";
import { id } from "./shapes.ts";

export function hqPricingRoutes(till: Till): readonly Route[] {
  return [promotionsRoute(till), listsRoute(till), policyRoute(till)];
}

const promotionsMax = 5000;

const common = { ...publishing, answer: publishedAnswer };

function value(description: string): Schema {
  return described({ type: "object" }, description);
}

function promotionsRoute(till: Till): Route {
  const item = value(
    "{id, name, rule, effectiveFrom?, effectiveTo?, times?, locations?, customerGroups?, coupon?, " +
      "priority?, group?, stacking?, basketMax?, customerMax?, discountMaxMinor?}; " +
      "amounts in minor units, rates in basis points",
  );
  return route(
    {
      ...common,
      path: "/hq/publications/promotions",
      summary: "Publish promotions, or withdraw them",
      body: atLeastOne(
        object(
          {},
          {
            promotions: array(item, { maxItems: promotionsMax }),
            withdrawn: array(id, { maxItems: promotionsMax }),
          },
        ),
        ["promotions", "withdrawn"],
      ),
    },
    (request) => {
      const { promotions = [], withdrawn: gone = [] } = request.body;
      const items = () => promotionItems(till, promotions as readonly Json[], { gone });
      return publishItems(till, request, { topic: "promotions", items });
    },
  );
}

function listsRoute(till: Till): Route {
  const item = value("{list, name, basis, locations, customerGroups, priority}");
  return route(
    {
      ...common,
      path: "/hq/publications/lists",
      summary: "Publish price lists, for whom and where they count; or withdraw them",
      body: atLeastOne(
        object(
          {},
          { lists: array(item, { maxItems: 1000 }), withdrawn: array(id, { maxItems: 1000 }) },
        ),
        ["lists", "withdrawn"],
      ),
    },
    (request) => {
      const { lists = [], withdrawn = [] } = request.body;
      const items = () => listItems(till, lists as readonly Json[], withdrawn);
      return publishItems(till, request, { topic: "lists", items });
    },
  );
}

function policyRoute(till: Till): Route {
  const item = value(
    "{name, location?, taxBasis?, lineRounding?, taxRounding?, exemptPays?, cashRounding?, voucherChange?, " +
      "riskBudgetMinor?, discountLimits?, serviceCharge?, exchangeRates?, refunds?}",
  );
  return route(
    {
      ...common,
      path: "/hq/publications/policy",
      summary:
        "Publish how the organisation, or one location, rounds, limits discounts and takes back; " +
        "`policy: null` withdraws it",
      body: object({ policy: nullable(item) }, { location: id }),
    },
    (request) => {
      const { policy, location } = request.body;
      const items = () => policyItems(till, policy as Json, location);
      return publishItems(till, request, { topic: "policy", items });
    },
  );
}

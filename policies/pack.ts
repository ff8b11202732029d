import { PolicyPack, type ResourceValidationPolicy, type StackValidationPolicy } from "@pulumi/policy";
import { priorState } from "./prior-state";
import { violationsOf } from "./check";
import type { PolicyObject, Rule } from "./rule";
import { rules } from "./rules";
import { noVersionDowngrade } from "./rules/no-version-downgrade";
import { redactedProperties } from "./redact";

/** The objects of the run so far, by URN. */
const objects = new Map<string, PolicyObject>();

/** Runs first, and records the objects that the other policies check. It changes nothing. */
const reader: ResourceValidationPolicy = {
  name: "reader",
  description: "Passes to the rules which values are secrets. It changes nothing.",
  enforcementLevel: "remediate",
  remediateResource: ({ urn, type, name, props }) => {
    objects.set(urn, { urn, type, name, properties: redactedProperties(props) });
  },
};

let state: Promise<ReadonlyMap<string, PolicyObject>> | undefined;

/** Reads the prior state once. The engine changes an object only after its policies have finished. */
const priorStateOnce = (urn: string) => (state ??= priorState(urn));

function resourcePolicy(rule: Rule): ResourceValidationPolicy {
  return {
    ...commonFields(rule),
    validateResource: ({ urn }, report) => {
      const object = objects.get(urn);
      if (object) violationsOf(rule, object, { objects: [] }).forEach((message) => report(message));
    },
  };
}

function changePolicy(rule: Rule): ResourceValidationPolicy {
  return {
    ...commonFields(rule),
    validateResource: async ({ urn }, report) => {
      const object = objects.get(urn);
      if (!object) return;
      const prior = await priorStateOnce(urn).catch(() => undefined);
      const context = { objects: [], before: prior?.get(urn) };
      violationsOf(rule, object, context).forEach((message) => report(message));
    },
  };
}

let isReported = false;

/** Warns if the prior state cannot be read. */
const readableState: ResourceValidationPolicy = {
  name: "readable-state",
  description: "The stack's prior state can be read, so that versions can be compared with it.",
  enforcementLevel: "advisory",
  validateResource: async ({ urn }, report) => {
    try {
      await priorStateOnce(urn);
    } catch (error) {
      if (!isReported) report(`\`pulumi stack export\` must work in this environment. ${String(error)}`);
      isReported = true;
    }
  },
};

function stackPolicy(rule: Rule): StackValidationPolicy {
  return {
    ...commonFields(rule),
    validateStack: ({ resources }, report) => {
      const all = resources.flatMap(({ urn }) => objects.get(urn) ?? []);
      for (const object of all)
        violationsOf(rule, object, { objects: all }).forEach((message) => report(message, object.urn));
    },
  };
}

const commonFields = ({ name, description }: Rule) =>
  ({ name, description, enforcementLevel: "mandatory" }) as const;

new PolicyPack("faasmesh", {
  description: "The policies of faasmesh's environments; see docs/policies.md",
  policies: [
    reader,
    readableState,
    ...rules.map((rule) => {
      if (rule.scope === "stack") return stackPolicy(rule);
      return rule === noVersionDowngrade ? changePolicy(rule) : resourcePolicy(rule);
    }),
  ],
});

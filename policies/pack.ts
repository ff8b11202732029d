import { PolicyPack, type ResourceValidationPolicy, type StackValidationPolicy } from "@pulumi/policy";
import { priorState } from "./before";
import { violationsOf } from "./check";
import type { PolicyObject, Rule } from "./rule";
import { rules } from "./rules";
import { noVersionDowngrade } from "./rules/no-version-downgrade";
import { redactedProperties } from "./seen";

/** The objects of the run so far, by URN. */
const objects = new Map<string, PolicyObject>();

/** Comes first: the other policies judge what it has seen. It changes nothing. */
const reader: ResourceValidationPolicy = {
  name: "reader",
  description: "Tells the rules which values are secrets. It changes nothing.",
  enforcementLevel: "remediate",
  remediateResource: ({ urn, type, name, props }) => {
    objects.set(urn, { urn, type, name, properties: redactedProperties(props) });
  },
};

let before: Promise<ReadonlyMap<string, PolicyObject>> | undefined;

/** Read once, before anything that rules judge is changed: the engine waits for them. */
const stateOf = (urn: string) => (before ??= priorState(urn));

function ofResource(rule: Rule): ResourceValidationPolicy {
  return {
    ...described(rule),
    validateResource: ({ urn }, report) => {
      const object = objects.get(urn);
      if (object) violationsOf(rule, object, { objects: [] }).forEach((message) => report(message));
    },
  };
}

function ofChange(rule: Rule): ResourceValidationPolicy {
  return {
    ...described(rule),
    validateResource: async ({ urn }, report) => {
      const object = objects.get(urn);
      if (!object) return;
      const earlier = await stateOf(urn).catch(() => undefined);
      const context = { objects: [], before: earlier?.get(urn) };
      violationsOf(rule, object, context).forEach((message) => report(message));
    },
  };
}

let isTold = false;

/** Says so where nothing of before can be read, and stops nothing. */
const readableState: ResourceValidationPolicy = {
  name: "readable-state",
  description: "What the stack has now can be read, so that versions can be compared with it.",
  enforcementLevel: "advisory",
  validateResource: async ({ urn }, report) => {
    try {
      await stateOf(urn);
    } catch (error) {
      if (!isTold) report(`\`pulumi stack export\` must work in this environment. ${String(error)}`);
      isTold = true;
    }
  },
};

function ofStack(rule: Rule): StackValidationPolicy {
  return {
    ...described(rule),
    validateStack: ({ resources }, report) => {
      const all = resources.flatMap(({ urn }) => objects.get(urn) ?? []);
      for (const object of all)
        violationsOf(rule, object, { objects: all }).forEach((message) => report(message, object.urn));
    },
  };
}

const described = ({ name, description }: Rule) =>
  ({ name, description, enforcementLevel: "mandatory" }) as const;

new PolicyPack("faasmesh", {
  description: "The rules that faasmesh's environments keep; docs/policies.md",
  policies: [
    reader,
    readableState,
    ...rules.map((rule) => {
      if (rule.scope === "stack") return ofStack(rule);
      return rule === noVersionDowngrade ? ofChange(rule) : ofResource(rule);
    }),
  ],
});

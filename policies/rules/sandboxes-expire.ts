import { at, type Finding, isHidden, type PolicyObject, type Rule, texts } from "../rule";

/** An expiry as tags and labels have it: `2027-03-01t18-00-00z`. */
const expiry = /^\d{4}-\d{2}-\d{2}t\d{2}-\d{2}-\d{2}z$/;

/** Every machine of a lab or a workshop says in the cloud when it may be removed, so that none is forgotten. */
export const sandboxesExpire: Rule = {
  name: "sandboxes-expire",
  description: "Clouds' machines of labs and workshops carry an expiry.",
  scope: "resource",
  check: (object) => checks[object.type]?.(object) ?? [],
};

const checks: Readonly<Record<string, (object: PolicyObject) => Finding[]>> = {
  "digitalocean:index/droplet:Droplet": ({ urn, properties }) => {
    const tags = texts(properties["tags"]);
    const isSandbox = urn.includes("faasmesh:workshop:WorkshopVm$") || tags.some((tag) => /^lab-./.test(tag));
    const isLeft = isHidden(properties["tags"]) || tags.some(isHidden);
    return isSandbox && !isLeft && !tags.some((tag) => expiry.test(tag.replace(/^expires-/, "")))
      ? [missing("tag expires-2027-03-01t18-00-00z")]
      : [];
  },
  "gcp:container/cluster:Cluster": ({ properties }) => {
    const labels = properties["resourceLabels"];
    const [lab, expires] = [at(labels, "lab"), at(labels, "expires")];
    if (lab === undefined || isHidden(expires)) return [];
    return typeof expires === "string" && expiry.test(expires)
      ? []
      : [missing("label expires: 2027-03-01t18-00-00z")];
  },
};

const missing = (what: string): Finding => ({
  subject: "expiry",
  problem: `is of a sandbox and has no expiry (a ${what})`,
  fix: "Bring it up with an end: npm run lab -- up --ttl 4h, or the config faasmesh:workshop.expires.",
});

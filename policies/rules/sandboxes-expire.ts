import { at, type Finding, isHidden, type PolicyObject, type Rule, texts } from "../rule";

/** The format of an expiry in tags and labels: `2027-03-01t18-00-00z`. */
const expiry = /^\d{4}-\d{2}-\d{2}t\d{2}-\d{2}-\d{2}z$/;

/** Every machine of a lab or a workshop has an expiry in the cloud, so that leftover machines can be found. */
export const sandboxesExpire: Rule = {
  name: "sandboxes-expire",
  description: "The cloud machines of labs and workshops have an expiry.",
  scope: "resource",
  check: (object) => checks[object.type]?.(object) ?? [],
};

const checks: Readonly<Record<string, (object: PolicyObject) => Finding[]>> = {
  "digitalocean:index/droplet:Droplet": ({ urn, properties }) => {
    const tags = texts(properties["tags"]);
    const isSandbox = urn.includes("faasmesh:workshop:WorkshopVm$") || tags.some((tag) => /^lab-./.test(tag));
    const isUnknown = isHidden(properties["tags"]) || tags.some(isHidden);
    return isSandbox && !isUnknown && !tags.some((tag) => expiry.test(tag.replace(/^expires-/, "")))
      ? [missingExpiry("tag expires-2027-03-01t18-00-00z")]
      : [];
  },
  "gcp:container/cluster:Cluster": ({ properties }) => {
    const labels = properties["resourceLabels"];
    const [lab, expires] = [at(labels, "lab"), at(labels, "expires")];
    if (lab === undefined || isHidden(expires)) return [];
    return typeof expires === "string" && expiry.test(expires)
      ? []
      : [missingExpiry("label expires: 2027-03-01t18-00-00z")];
  },
};

const missingExpiry = (what: string): Finding => ({
  subject: "expiry",
  problem: `belongs to a sandbox and has no expiry (a ${what})`,
  fix: "Set an expiry: npm run lab -- up --ttl 4h, or the config faasmesh:workshop.expires.",
});

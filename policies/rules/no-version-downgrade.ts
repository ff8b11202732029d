import { coerce, lt } from "semver";
import { parseImage } from "../image";
import { containersOf } from "../pods";
import { at, isHidden, type PolicyObject, type Rule } from "../rule";

/**
 * No chart, image or cluster is downgraded: an older version may not be able to read what a newer one has written, such
 * as CustomResourceDefinitions, stored objects or databases. Functions are exempt: a rollback is how to recover from a
 * bad version.
 */
export const noVersionDowngrade: Rule = {
  name: "no-version-downgrade",
  description: "No chart, image or cluster is downgraded to an older version.",
  scope: "resource",
  check: (object, { before }) => {
    if (!before) return [];
    const now = versionsOf(object);
    return [...versionsOf(before)].flatMap(([part, deployed]) => {
      const declared = now.get(part);
      const [from, to] = [deployed, declared].map(comparable);
      if (declared === undefined || !from || !to || !lt(to, from)) return [];
      return {
        subject: part,
        problem: `downgrades ${part} from ${deployed} to ${declared}`,
        fix: `Use ${deployed} or newer; for an intended and tested downgrade, make this rule advisory for one run.`,
      };
    });
  },
};

/** The version in a tag such as `edge-26.1.2`; null if there is none, as in a commit or a digest. */
const comparable = (version = "") =>
  /\d\.\d/.test(version) ? coerce(version, { includePrerelease: true }) : null;

/** The versions in an object, by the part that has them. */
function versionsOf(object: PolicyObject): Map<string, string> {
  const { type, properties } = object;
  const known = (parts: Record<string, unknown>) =>
    Object.entries(parts).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string" && !isHidden(entry[1]),
    );
  if (type === "kubernetes:helm.sh/v3:Release") {
    const { chart, version } = properties;
    // The chart's name in a path like `./.charts/openfaas-1.2.3`.
    const name = typeof chart === "string" ? chart.replace(/^.*\//, "").replace(/-v?\d+\.\d.*$/, "") : "";
    return new Map(known({ [`the chart ${name}`]: version }));
  }
  if (type === "gcp:container/cluster:Cluster")
    return new Map(known({ Kubernetes: properties["minMasterVersion"] }));
  if (type === "gcp:container/nodePool:NodePool")
    return new Map(known({ Kubernetes: properties["version"] }));
  if (type === "command:remote:Command") return new Map(known({ k3s: k3sOf(properties) }));
  return isFunction(object) ? new Map<string, string>() : imagesOf(object);
}

const imagesOf = (object: PolicyObject): Map<string, string> =>
  new Map(
    containersOf(object).flatMap(({ properties }) => {
      const image = at(properties, "image");
      const { repository, tag } = parseImage(typeof image === "string" ? image : "");
      return tag === undefined ? [] : [[`the image ${repository}`, tag] as const];
    }),
  );

/** Whether an object is a function of OpenFaaS or Knative. */
const isFunction = ({ type, properties }: PolicyObject): boolean =>
  at(properties, "metadata", "labels", "faas_function") !== undefined ||
  type.startsWith("kubernetes:serving.knative.dev/");

/** The k3s release that a command over SSH installs. */
function k3sOf({ create, environment }: PolicyObject["properties"]): string | undefined {
  return /v\d+\.\d+\.\d+\+k3s\d+/.exec(`${JSON.stringify(environment)} ${String(create)}`)?.[0];
}

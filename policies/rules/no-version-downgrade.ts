import { coerce, lt } from "semver";
import { parseImage } from "../image";
import { containersOf } from "../pods";
import { at, isHidden, type PolicyObject, type Rule } from "../rule";

/**
 * No chart, image or cluster goes back to an older version: what a newer one has written (definitions, their stored
 * objects, a database), an older one may not read. Functions may: going back is how a bad one is mended.
 */
export const noVersionDowngrade: Rule = {
  name: "no-version-downgrade",
  description: "No chart, image or cluster goes back to an older version.",
  scope: "resource",
  check: (object, { before }) => {
    if (!before) return [];
    const now = versionsOf(object);
    return [...versionsOf(before)].flatMap(([part, older]) => {
      const newer = now.get(part);
      const [from, to] = [older, newer].map(comparable);
      if (newer === undefined || !from || !to || !lt(to, from)) return [];
      return {
        subject: part,
        problem: `takes ${part} from ${older} back to ${newer}`,
        fix: `Take ${older} or newer; where the way back is tried and meant, make this rule advisory for one run.`,
      };
    });
  },
};

/** A version in a tag such as `edge-26.1.2`; null where there is none, as in a commit or a digest. */
const comparable = (version = "") =>
  /\d\.\d/.test(version) ? coerce(version, { includePrerelease: true }) : null;

/** The versions that an object names, by the part that has them. */
function versionsOf(object: PolicyObject): Map<string, string> {
  const { type, properties } = object;
  const named = (parts: Record<string, unknown>) =>
    Object.entries(parts).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string" && !isHidden(entry[1]),
    );
  if (type === "kubernetes:helm.sh/v3:Release") {
    const { chart, version } = properties;
    // Of a folder, `./.charts/openfaas-1.2.3`, the name.
    const name = typeof chart === "string" ? chart.replace(/^.*\//, "").replace(/-v?\d+\.\d.*$/, "") : "";
    return new Map(named({ [`the chart ${name}`]: version }));
  }
  if (type === "gcp:container/cluster:Cluster")
    return new Map(named({ Kubernetes: properties["minMasterVersion"] }));
  if (type === "gcp:container/nodePool:NodePool")
    return new Map(named({ Kubernetes: properties["version"] }));
  if (type === "command:remote:Command") return new Map(named({ k3s: k3sOf(properties) }));
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

/** OpenFaaS's and Knative's. */
const isFunction = ({ type, properties }: PolicyObject): boolean =>
  at(properties, "metadata", "labels", "faas_function") !== undefined ||
  type.startsWith("kubernetes:serving.knative.dev/");

/** The release that a command over SSH installs. */
function k3sOf({ create, environment }: PolicyObject["properties"]): string | undefined {
  return /v\d+\.\d+\.\d+\+k3s\d+/.exec(`${JSON.stringify(environment)} ${String(create)}`)?.[0];
}

import { at, type Finding, isHidden, kindOf, list, type PolicyObject, type Rule, texts } from "../rule";

/** What may be open to everyone: HTTP and HTTPS, HTTP/3 too. */
const isOpenToAll = (protocol: string, ports: string): boolean =>
  protocol === "tcp" ? ports === "80" || ports === "443" : protocol === "udp" && ports === "443";

/** A range that holds every address, of IPv4 or of IPv6. */
const isEverywhere = (range: string): boolean => range.endsWith("/0");

/** Whether a list of sources is given, and keeps somebody out. */
const isNarrow = (sources: unknown): boolean =>
  isHidden(sources) || (list(sources).length > 0 && !texts(sources).some(isEverywhere));

/** Nothing but HTTP and HTTPS can be reached from everywhere. */
export const closedToTheWorld: Rule = {
  name: "closed-to-the-world",
  description: "Nothing is open to the world but the ports 80 and 443.",
  scope: "resource",
  check: (object) => checks[object.type]?.(object.properties) ?? services(object),
};

const checks: Readonly<Record<string, (properties: PolicyObject["properties"]) => Finding[]>> = {
  "digitalocean:index/firewall:Firewall": (properties) =>
    list(properties["inboundRules"])
      .filter((rule) => texts(at(rule, "sourceAddresses")).some(isEverywhere))
      .flatMap((rule) => open(at(rule, "protocol"), [at(rule, "portRange")], "sourceAddresses")),
  "digitalocean:index/loadBalancer:LoadBalancer": (properties) => {
    const allows = at(properties, "firewall", "allows");
    if (isNarrow(allows)) return [];
    return list(properties["forwardingRules"]).flatMap((rule) =>
      open("tcp", [at(rule, "entryPort")], "firewall.allows"),
    );
  },
  "gcp:compute/firewall:Firewall": (properties) => {
    const { direction = "INGRESS", disabled, sourceRanges, sourceTags, sourceServiceAccounts } = properties;
    const isClosed =
      direction !== "INGRESS" ||
      disabled === true ||
      (sourceRanges === undefined
        ? sourceTags !== undefined || sourceServiceAccounts !== undefined
        : isHidden(sourceRanges) || !texts(sourceRanges).some(isEverywhere));
    if (isClosed) return [];
    return list(properties["allows"]).flatMap((allow) =>
      open(at(allow, "protocol"), at(allow, "ports") ?? [undefined], "sourceRanges"),
    );
  },
  "gcp:container/cluster:Cluster": (properties) => {
    if (at(properties, "privateClusterConfig", "enablePrivateEndpoint") === true) return [];
    const authorized = properties["masterAuthorizedNetworksConfig"];
    if (isHidden(authorized)) return [];
    const ranges = list(at(authorized, "cidrBlocks")).map((block) => at(block, "cidrBlock"));
    const fix =
      "Name the ranges that you connect from in masterAuthorizedNetworksConfig.cidrBlocks (faasmesh:cluster.adminCidrs).";
    const found = (problem: string) => [{ subject: "API server", problem, fix }];
    if (authorized === undefined) return found("leaves its API server open to the world");
    if (ranges.some((range) => typeof range === "string" && isEverywhere(range)))
      return found(`opens its API server to ${ranges.join(", ")}`);
    return at(authorized, "gcpPublicCidrsAccessEnabled") === true
      ? found("opens its API server to everyone in Google's cloud (gcpPublicCidrsAccessEnabled)")
      : [];
  },
};

/** What Services of Kubernetes open, on a load balancer or on every node. */
function services(object: PolicyObject): Finding[] {
  if (kindOf(object) !== "Service" || !object.type.startsWith("kubernetes:core/")) return [];
  const spec = object.properties["spec"];
  const ports = list(at(spec, "ports"));
  const protocolOf = (port: unknown) => at(port, "protocol") ?? "TCP";
  if (at(spec, "type") === "NodePort")
    return ports.map((port) => ({
      subject: `NodePort ${String(at(port, "port"))}`,
      problem: `opens port ${String(at(port, "port"))} on an address of every node`,
      fix: "Make it a ClusterIP, and lead to it through the ingress.",
    }));
  const ranges = at(spec, "loadBalancerSourceRanges");
  const opens = at(spec, "type") === "LoadBalancer" || list(at(spec, "externalIPs")).length > 0;
  if (!opens || isNarrow(ranges) || isInternal(object)) return [];
  return ports.flatMap((port) => open(protocolOf(port), [at(port, "port")], "loadBalancerSourceRanges"));
}

/** By the annotations with which clouds keep a load balancer within their network. */
function isInternal({ properties }: PolicyObject): boolean {
  const annotations = at(properties, "metadata", "annotations");
  return (
    at(annotations, "networking.gke.io/load-balancer-type") === "Internal" ||
    at(annotations, "service.beta.kubernetes.io/do-loadbalancer-network") === "INTERNAL"
  );
}

function open(protocol: unknown, ports: unknown, narrowedBy: string): Finding[] {
  const name = typeof protocol === "string" ? protocol.toLowerCase() : "all";
  return list(ports).flatMap((each) => {
    if (isHidden(protocol) || isHidden(each)) return [];
    // No port, DigitalOcean's `0`: all of them.
    const port = ["string", "number"].includes(typeof each) && String(each) !== "0" ? String(each) : "all";
    if (isOpenToAll(name, port)) return [];
    const subject = name === "icmp" ? "icmp" : `${port}/${name}`;
    return {
      subject,
      problem: `opens ${subject} to the world`,
      fix: `Narrow ${narrowedBy} to the ranges that need it, or serve it on 443 through the ingress.`,
    };
  });
}

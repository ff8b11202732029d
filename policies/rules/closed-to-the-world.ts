import { at, type Finding, isHidden, kindOf, list, type PolicyObject, type Rule, texts } from "../rule";

/** Ports that may be open to the internet: HTTP and HTTPS, including HTTP/3. */
const isOpenToAll = (protocol: string, ports: string): boolean =>
  protocol === "tcp" ? ports === "80" || ports === "443" : protocol === "udp" && ports === "443";

/** Whether a range contains every IPv4 or IPv6 address. */
const isWholeInternet = (range: string): boolean => range.endsWith("/0");

/** Whether a list of sources restricts access. */
const isRestricted = (sources: unknown): boolean =>
  isHidden(sources) || (list(sources).length > 0 && !texts(sources).some(isWholeInternet));

/** Only HTTP and HTTPS are reachable from the internet. */
export const closedToTheWorld: Rule = {
  name: "closed-to-the-world",
  description: "Only the ports 80 and 443 are open to the internet.",
  scope: "resource",
  check: (object) => checks[object.type]?.(object.properties) ?? serviceFindings(object),
};

const checks: Readonly<Record<string, (properties: PolicyObject["properties"]) => Finding[]>> = {
  "digitalocean:index/firewall:Firewall": (properties) =>
    list(properties["inboundRules"])
      .filter((rule) => texts(at(rule, "sourceAddresses")).some(isWholeInternet))
      .flatMap((rule) => openPortFindings(at(rule, "protocol"), [at(rule, "portRange")], "sourceAddresses")),
  "digitalocean:index/loadBalancer:LoadBalancer": (properties) => {
    const allows = at(properties, "firewall", "allows");
    if (isRestricted(allows)) return [];
    return list(properties["forwardingRules"]).flatMap((rule) =>
      openPortFindings("tcp", [at(rule, "entryPort")], "firewall.allows"),
    );
  },
  "gcp:compute/firewall:Firewall": (properties) => {
    const { direction = "INGRESS", disabled, sourceRanges, sourceTags, sourceServiceAccounts } = properties;
    const isClosed =
      direction !== "INGRESS" ||
      disabled === true ||
      (sourceRanges === undefined
        ? sourceTags !== undefined || sourceServiceAccounts !== undefined
        : isHidden(sourceRanges) || !texts(sourceRanges).some(isWholeInternet));
    if (isClosed) return [];
    return list(properties["allows"]).flatMap((allow) =>
      openPortFindings(at(allow, "protocol"), at(allow, "ports") ?? [undefined], "sourceRanges"),
    );
  },
  "gcp:container/cluster:Cluster": (properties) => {
    if (at(properties, "privateClusterConfig", "enablePrivateEndpoint") === true) return [];
    const authorized = properties["masterAuthorizedNetworksConfig"];
    if (isHidden(authorized)) return [];
    const ranges = list(at(authorized, "cidrBlocks")).map((block) => at(block, "cidrBlock"));
    const fix =
      "Set masterAuthorizedNetworksConfig.cidrBlocks to the ranges that you connect from (faasmesh:cluster.adminCidrs).";
    const findings = (problem: string) => [{ subject: "API server", problem, fix }];
    if (authorized === undefined) return findings("leaves its API server open to the internet");
    if (ranges.some((range) => typeof range === "string" && isWholeInternet(range)))
      return findings(`opens its API server to ${ranges.join(", ")}`);
    return at(authorized, "gcpPublicCidrsAccessEnabled") === true
      ? findings("opens its API server to all of Google Cloud (gcpPublicCidrsAccessEnabled)")
      : [];
  },
};

/** Ports that Kubernetes Services open, on a load balancer or on every node. */
function serviceFindings(object: PolicyObject): Finding[] {
  if (kindOf(object) !== "Service" || !object.type.startsWith("kubernetes:core/")) return [];
  const spec = object.properties["spec"];
  const ports = list(at(spec, "ports"));
  const protocolOf = (port: unknown) => at(port, "protocol") ?? "TCP";
  if (at(spec, "type") === "NodePort")
    return ports.map((port) => ({
      subject: `NodePort ${String(at(port, "port"))}`,
      problem: `opens port ${String(at(port, "port"))} on every node`,
      fix: "Use the type ClusterIP, and expose it through the ingress.",
    }));
  const ranges = at(spec, "loadBalancerSourceRanges");
  const opens = at(spec, "type") === "LoadBalancer" || list(at(spec, "externalIPs")).length > 0;
  if (!opens || isRestricted(ranges) || isInternal(object)) return [];
  return ports.flatMap((port) =>
    openPortFindings(protocolOf(port), [at(port, "port")], "loadBalancerSourceRanges"),
  );
}

/** Whether an annotation restricts the load balancer to the cloud's internal network. */
function isInternal({ properties }: PolicyObject): boolean {
  const annotations = at(properties, "metadata", "annotations");
  return (
    at(annotations, "networking.gke.io/load-balancer-type") === "Internal" ||
    at(annotations, "service.beta.kubernetes.io/do-loadbalancer-network") === "INTERNAL"
  );
}

function openPortFindings(protocol: unknown, ports: unknown, restrictedBy: string): Finding[] {
  const name = typeof protocol === "string" ? protocol.toLowerCase() : "all";
  return list(ports).flatMap((each) => {
    if (isHidden(protocol) || isHidden(each)) return [];
    // No port, or `0` at DigitalOcean, means all ports.
    const port = ["string", "number"].includes(typeof each) && String(each) !== "0" ? String(each) : "all";
    if (isOpenToAll(name, port)) return [];
    const subject = name === "icmp" ? "icmp" : `${port}/${name}`;
    return {
      subject,
      problem: `opens ${subject} to the internet`,
      fix: `Restrict ${restrictedBy} to the ranges that need access, or serve it on 443 through the ingress.`,
    };
  });
}

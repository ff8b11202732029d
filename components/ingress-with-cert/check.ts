import { isDnsLabel, isDnsName } from "../../validation/validators";
import {
  clientPorts,
  exposureOf,
  type HostArgs,
  hostnamesOf,
  type IngressWithCertArgs,
  isProtected,
  type IssuerArgs,
  platformHosts,
} from "./args";
import type { DnsZone } from "./dns";
import { type Problem, throwIfInvalid } from "../../errors";

/**
 * Checks the arguments. Also rejects arguments that would expose the dashboard without authentication.
 * @throws UserError that reports all errors together
 */
export function check(name: string, args: IngressWithCertArgs): void {
  throwIfInvalid(`IngressWithCert "${name}"`, ingressProblems(args));
}

/** The arguments that are checked. */
type Checked = Omit<IngressWithCertArgs, "charts" | "dns"> & { dns?: Pick<DnsZone, "domain"> };

/** Returns the problems of an ingress. */
export function ingressProblems(args: Checked): Problem[] {
  return [
    ...hostsProblems(args),
    ...hostnamesOf(args).flatMap((each) => nameProblems(each)),
    ...Object.entries(args.hosts).flatMap(([id, host]) => hostProblems(id, host)),
    ...exposureProblems(args),
    ...issuerProblems(args),
    ...dnsProblems(args),
  ];
}

function hostsProblems(args: Checked): Problem[] {
  const { hosts, knative, controller, l5dDstOverride } = args;
  const problems: Problem[] = [];
  const hostnames = hostnamesOf(args).map(({ hostname }) => hostname);
  if (hostnames.length === 0 || hostnames.length > maxHosts)
    problems.push({
      key: "hosts",
      got: `${hostnames.length} hosts`,
      expected: `1 to ${maxHosts}, the limit of listeners in a Gateway`,
      fix: hostnames.length === 0 ? "add a host, or remove the ingress" : "combine hosts in a wildcard",
    });
  for (const duplicate of new Set(hostnames.filter((each, index) => hostnames.indexOf(each) < index)))
    problems.push({
      key: "hosts",
      got: `${duplicate} twice`,
      expected: "each hostname once",
      fix: "remove or rename one of them",
    });
  for (const id of Object.keys(knative?.hostnames ?? {}).filter((id) => id in hosts))
    problems.push({
      key: `knative.hostnames.${id}`,
      got: `the name ${JSON.stringify(id)}`,
      expected: "a name that is not in hosts",
      fix: "rename one of them",
    });
  if (knative && controller === "nginx")
    problems.push({
      key: "knative",
      got: "Knative services, with the controller nginx",
      expected: "the controller traefik, which supports Knative",
      fix: 'remove it, or set controller: "traefik"',
    });
  if (l5dDstOverride && controller !== "nginx")
    problems.push({
      key: "l5dDstOverride",
      got: "true, with the controller traefik",
      expected: "the controller nginx, which supports the snippet",
      fix: 'remove it, or set controller: "nginx"',
    });
  return problems;
}

/** The namespace may be an output, and may have another name; the Service of viz's dashboard has always this one. */
const isDashboard = ({ namespace, name, port }: HostArgs["backend"]): boolean =>
  namespace === "linkerd-viz" || (name === dashboard.name && port === dashboard.port);

const dashboard = platformHosts.dashboard.backend;

/** A Gateway has at most 64 listeners. One is for HTTP. */
const maxHosts = 63;

function nameProblems({ id, hostname, key }: { id: string; hostname: string; key: string }): Problem[] {
  const problems: Problem[] = [];
  if (!isDnsLabel(id, 40))
    problems.push({
      key: key.startsWith("hosts.") ? "hosts" : "knative.hostnames",
      got: `the name ${JSON.stringify(id)}`,
      expected: "at most 40 lower-case letters, digits and '-', with a letter or digit at both ends",
      fix: "rename it",
    });
  if (!isHostname(hostname))
    problems.push({
      key,
      got: JSON.stringify(hostname),
      expected: "a full DNS name in lower case, such as gateway.example.com or *.apps.example.com",
      fix: "correct it, without https:// and a path",
    });
  return problems;
}

function hostProblems(id: string, host: HostArgs): Problem[] {
  const { backend } = host;
  const argument = `hosts.${id}`;
  const problems: Problem[] = [];
  if (!isPort(backend.port))
    problems.push({
      key: `${argument}.backend.port`,
      got: String(backend.port),
      expected: "a port of the Service, from 1 to 65535",
      fix: "correct it",
    });
  if (host.auth !== undefined && !["basic", "none"].includes(host.auth))
    problems.push({
      key: `${argument}.auth`,
      got: JSON.stringify(host.auth),
      expected: '"basic" or "none"',
      fix: "correct it",
    });
  if (!isProtected(host) && isDashboard(backend))
    problems.push({
      key: `${argument}.auth`,
      got: '"none", for a dashboard without authentication of its own',
      expected: '"basic"',
      fix: 'remove it or set auth: "basic"',
    });
  return problems;
}

function isHostname(text: string): boolean {
  const name = text.replace(/^\*\./, "");
  return isDnsName(name) && name.includes(".") && !/^[\d.]+$/.test(name);
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65535;
}

function exposureProblems(args: Checked): Problem[] {
  const exposure = exposureOf(args);
  const problems: Problem[] = [];
  if (exposure === "loadBalancer" && !args.loadBalancer)
    problems.push({
      key: "exposure",
      got: '"loadBalancer", on a cluster without one',
      expected: '"nodePort" or "clusterIP"',
      fix: "choose one of them, or set loadBalancer: true if the cluster assigns addresses to Services",
    });
  if (args.nodePorts && exposure !== "nodePort")
    problems.push({
      key: "nodePorts",
      got: `ports, with the exposure ${exposure}`,
      expected: 'the exposure "nodePort", which uses them',
      fix: 'remove them, or set exposure: "nodePort"',
    });
  for (const key of ["httpPort", "httpsPort"] as const)
    if (args[key] !== undefined && !isPort(args[key]))
      problems.push({
        key,
        got: String(args[key]),
        expected: "a port from 1 to 65535",
        fix: "correct it, or remove it",
      });
  if (args.replicas !== undefined && !(Number.isInteger(args.replicas) && args.replicas >= 1))
    problems.push({
      key: "replicas",
      got: String(args.replicas),
      expected: "a whole number of at least 1",
      fix: "correct it, or remove it",
    });
  problems.push(...nginxPortProblems(args));
  const { http, https } = args.nodePorts ?? { http: 1, https: 2 };
  if (http === https || !isPort(http) || !isPort(https))
    problems.push({
      key: "nodePorts",
      got: JSON.stringify(args.nodePorts),
      expected: "two different ports of the cluster's range, by default 30000 to 32767",
      fix: "correct them, or remove them to let Kubernetes allocate ports",
    });
  return problems;
}

/** The ports of ingress-nginx's pods that serve something other than HTTPS. */
const nginxPorts = [80, 8181, 10245, 10246, 10247, 10254];

function nginxPortProblems(args: Checked): Problem[] {
  const { https } = clientPorts(args);
  if (args.controller !== "nginx" || https === undefined || !nginxPorts.includes(https)) return [];
  return [
    {
      key: args.httpsPort === undefined ? "nodePorts" : "httpsPort",
      got: `${https}, with the controller nginx`,
      expected: `a port other than ${nginxPorts.join(", ")}, which nginx uses itself`,
      fix: "choose another port",
    },
  ];
}

/** Domains that are reserved for local use (RFC 6761, RFC 6762, RFC 8375). */
const localName = /(^|\.)(test|local|localhost|invalid|internal|home\.arpa)$/;

function issuerProblems(args: Checked): Problem[] {
  const { issuer } = args;
  if (issuer.kind === "own-ca") return ownCaProblems(issuer);
  if (issuer.kind === "self-signed") return [];
  const problems: Problem[] = [];
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(issuer.email))
    problems.push({
      key: "issuer.email",
      got: JSON.stringify(issuer.email),
      expected: "an e-mail address, for notices of Let's Encrypt",
      fix: "set your address",
    });
  const isHttp01 = (issuer.solver?.kind ?? "http01") === "http01";
  const isReachable = exposureOf(args) === "loadBalancer" || args.address !== undefined;
  if (isHttp01 && !isReachable)
    problems.push({
      key: "issuer.solver",
      got: `http01, with the exposure ${exposureOf(args)} and no address`,
      expected: "hosts that Let's Encrypt can reach on port 80, or a DNS solver",
      fix: "use a DNS solver (digitalocean, google), set address if its port 80 routes to the proxy, or use own-ca",
    });
  for (const { key, hostname } of hostnamesOf(args)) {
    if (isHttp01 && hostname.startsWith("*."))
      problems.push({
        key,
        got: `the wildcard ${hostname}, with the solver http01`,
        expected: "a DNS solver, which Let's Encrypt requires for wildcards",
        fix: "set issuer.solver to digitalocean or google, or list each host",
      });
    if (localName.test(hostname))
      problems.push({
        key,
        got: `${hostname}, with the issuer ${issuer.kind}`,
        expected: "a public name, since Let's Encrypt signs no other",
        fix: "use your own domain, or the issuer own-ca",
      });
  }
  return problems;
}

function ownCaProblems(issuer: Extract<IssuerArgs, { kind: "own-ca" }>): Problem[] {
  const problems: Problem[] = [];
  if ((issuer.certificate === undefined) !== (issuer.key === undefined))
    problems.push({
      key: "issuer",
      got: issuer.key === undefined ? "a certificate without its key" : "a key without its certificate",
      expected: "both, or neither to generate an authority",
      fix: "add the missing one, or remove both",
    });
  if (issuer.days !== undefined && (!Number.isInteger(issuer.days) || issuer.days < 1))
    problems.push({
      key: "issuer.days",
      got: String(issuer.days),
      expected: "a whole number of at least 1",
      fix: "correct it",
    });
  return problems;
}

function dnsProblems(args: Checked): Problem[] {
  const { dns } = args;
  if (!dns) return [];
  const problems: Problem[] = [];
  if (exposureOf(args) !== "loadBalancer" && args.address === undefined)
    problems.push({
      key: "dns",
      got: `a zone, with the exposure ${exposureOf(args)} and no address`,
      expected: "an address for the records",
      fix: "set address, or remove dns",
    });
  for (const { key, hostname } of hostnamesOf(args)) {
    if (hostname === dns.domain || hostname.endsWith(`.${dns.domain}`)) continue;
    problems.push({
      key,
      got: hostname,
      expected: `a name in the zone ${dns.domain}`,
      fix: "rename the host, or remove dns and create the record yourself",
    });
  }
  return problems;
}

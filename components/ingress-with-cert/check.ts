import { isDnsLabel, isDnsName } from "../../config/validators";
import { type Fault, refuse } from "../arguments";
import { exposureOf, type HostArgs, type IngressWithCertArgs, isProtected, type IssuerArgs } from "./args";
import type { DnsZone } from "./dns";

/**
 * Refuses arguments that cannot work, or that would open what must be closed.
 * @throws UserError with all of them at once
 */
export function check(name: string, args: IngressWithCertArgs): void {
  refuse(`IngressWithCert "${name}"`, ingressFaults(args));
}

/** The arguments that are checked. */
type Checked = Omit<IngressWithCertArgs, "charts" | "dns"> & { dns?: Pick<DnsZone, "domain"> };

/** All that is wrong with an ingress. */
export function ingressFaults(args: Checked): Fault[] {
  return [
    ...hostsFaults(args),
    ...Object.entries(args.hosts).flatMap(([id, host]) => hostFaults(id, host)),
    ...exposureFaults(args),
    ...issuerFaults(args),
    ...dnsFaults(args),
  ];
}

function hostsFaults({ hosts, controller, l5dDstOverride }: Checked): Fault[] {
  const faults: Fault[] = [];
  const hostnames = Object.values(hosts).map(({ hostname }) => hostname);
  if (hostnames.length === 0 || hostnames.length > mostHosts)
    faults.push({
      argument: "hosts",
      got: `${hostnames.length} hosts`,
      wanted: `1 to ${mostHosts}, as many as a Gateway has listeners`,
      cure: hostnames.length === 0 ? "add a host, or leave the ingress out" : "serve several by one wildcard",
    });
  for (const twice of new Set(hostnames.filter((one, at) => hostnames.indexOf(one) < at)))
    faults.push({
      argument: "hosts",
      got: `${twice} twice`,
      wanted: "each hostname once",
      cure: "remove or rename one of them",
    });
  if (l5dDstOverride && controller !== "nginx")
    faults.push({
      argument: "l5dDstOverride",
      got: "true, with the controller traefik",
      wanted: "the controller nginx, whose snippet it is",
      cure: 'remove it, or set controller: "nginx"',
    });
  return faults;
}

/** A Gateway has 64 listeners, one of them for HTTP. */
const mostHosts = 63;

function hostFaults(id: string, host: HostArgs): Fault[] {
  const { hostname, backend } = host;
  const argument = `hosts.${id}`;
  const faults: Fault[] = [];
  if (!isDnsLabel(id, 40))
    faults.push({
      argument: "hosts",
      got: `the name ${JSON.stringify(id)}`,
      wanted: "at most 40 lower-case letters, digits and '-', with a letter or digit at both ends",
      cure: "rename it",
    });
  if (!isHostname(hostname))
    faults.push({
      argument: `${argument}.hostname`,
      got: JSON.stringify(hostname),
      wanted: "a full DNS name in lower case, such as gateway.example.com or *.apps.example.com",
      cure: "correct it, without https:// and path",
    });
  if (!isPort(backend.port))
    faults.push({
      argument: `${argument}.backend.port`,
      got: String(backend.port),
      wanted: "a port of the Service, from 1 to 65535",
      cure: "correct it",
    });
  if (!isProtected(host) && backend.namespace === "linkerd-viz")
    faults.push({
      argument: `${argument}.auth`,
      got: '"none", for a dashboard that asks for no password itself',
      wanted: '"basic"',
      cure: 'remove it or set auth: "basic"',
    });
  return faults;
}

function isHostname(text: string): boolean {
  const name = text.replace(/^\*\./, "");
  return isDnsName(name) && name.includes(".") && !/^[\d.]+$/.test(name);
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65535;
}

function exposureFaults(args: Checked): Fault[] {
  const exposure = exposureOf(args);
  const faults: Fault[] = [];
  if (exposure === "loadBalancer" && !args.loadBalancer)
    faults.push({
      argument: "exposure",
      got: '"loadBalancer", on a cluster without one',
      wanted: '"nodePort" or "clusterIP"',
      cure: "choose one of them, or set loadBalancer: true if the cluster gives addresses",
    });
  if (args.nodePorts && exposure !== "nodePort")
    faults.push({
      argument: "nodePorts",
      got: `ports, with the exposure ${exposure}`,
      wanted: 'the exposure "nodePort", whose ports they are',
      cure: 'remove them, or set exposure: "nodePort"',
    });
  if (args.httpsPort !== undefined && !isPort(args.httpsPort))
    faults.push({
      argument: "httpsPort",
      got: String(args.httpsPort),
      wanted: "a port from 1 to 65535",
      cure: "correct it, or leave it out",
    });
  const { http, https } = args.nodePorts ?? { http: 1, https: 2 };
  if (http === https || !isPort(http) || !isPort(https))
    faults.push({
      argument: "nodePorts",
      got: JSON.stringify(args.nodePorts),
      wanted: "two different ports of the cluster's range, by default 30000 to 32767",
      cure: "correct them, or leave them to Kubernetes",
    });
  return faults;
}

/** Names that are nobody's on the internet (RFC 6761, RFC 6762, RFC 8375). */
const localName = /(^|\.)(test|local|localhost|invalid|internal|home\.arpa)$/;

function issuerFaults(args: Checked): Fault[] {
  const { issuer, hosts } = args;
  if (issuer.kind === "own-ca") return ownCaFaults(issuer);
  if (issuer.kind === "self-signed") return [];
  const faults: Fault[] = [];
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(issuer.email))
    faults.push({
      argument: "issuer.email",
      got: JSON.stringify(issuer.email),
      wanted: "an e-mail address, which Let's Encrypt writes to",
      cure: "set yours",
    });
  const isHttp01 = (issuer.solver?.kind ?? "http01") === "http01";
  const isReachable = exposureOf(args) === "loadBalancer" || args.address !== undefined;
  if (isHttp01 && !isReachable)
    faults.push({
      argument: "issuer.solver",
      got: `http01, with the exposure ${exposureOf(args)} and no address`,
      wanted: "hosts that Let's Encrypt reaches on port 80, or a solver by DNS",
      cure: "solve by DNS (digitalocean, google), set address if port 80 leads here, or use own-ca",
    });
  for (const [id, { hostname }] of Object.entries(hosts)) {
    if (isHttp01 && hostname.startsWith("*."))
      faults.push({
        argument: `hosts.${id}.hostname`,
        got: `the wildcard ${hostname}, with the solver http01`,
        wanted: "a solver by DNS, which Let's Encrypt wants for wildcards",
        cure: "set issuer.solver to digitalocean or google, or name each host",
      });
    if (localName.test(hostname))
      faults.push({
        argument: `hosts.${id}.hostname`,
        got: `${hostname}, with the issuer ${issuer.kind}`,
        wanted: "a public name, since Let's Encrypt signs no other",
        cure: "use a domain of yours, or the issuer own-ca",
      });
  }
  return faults;
}

function ownCaFaults(issuer: Extract<IssuerArgs, { kind: "own-ca" }>): Fault[] {
  const faults: Fault[] = [];
  if ((issuer.certificate === undefined) !== (issuer.key === undefined))
    faults.push({
      argument: "issuer",
      got: issuer.key === undefined ? "a certificate without its key" : "a key without its certificate",
      wanted: "both, or neither to have an authority generated",
      cure: "add the other one",
    });
  if (issuer.days !== undefined && (!Number.isInteger(issuer.days) || issuer.days < 1))
    faults.push({
      argument: "issuer.days",
      got: String(issuer.days),
      wanted: "a whole number of at least 1",
      cure: "correct it",
    });
  return faults;
}

function dnsFaults(args: Checked): Fault[] {
  const { dns, hosts } = args;
  if (!dns) return [];
  const faults: Fault[] = [];
  if (exposureOf(args) !== "loadBalancer" && args.address === undefined)
    faults.push({
      argument: "dns",
      got: `a zone, with the exposure ${exposureOf(args)} and no address`,
      wanted: "the address that records lead to",
      cure: "set address, or remove dns",
    });
  for (const [id, { hostname }] of Object.entries(hosts)) {
    if (hostname === dns.domain || hostname.endsWith(`.${dns.domain}`)) continue;
    faults.push({
      argument: `hosts.${id}.hostname`,
      got: hostname,
      wanted: `a name in the zone ${dns.domain}`,
      cure: "rename the host, or remove dns and make the record yourself",
    });
  }
  return faults;
}

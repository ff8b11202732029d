import { isIPv6 } from "node:net";
import Table from "cli-table3";
import { forwardedPort, portForward } from "../../components/ingress-with-cert/args";
import type { Platform } from "../../config/platform";
import type { LabReport } from "./report";
import type { UpResult } from "./up";
import { edgeAddresses } from "../../simulator/controllers/controllers";
import { partsOf, requiredControllers } from "./platform-parts";
import { fidelity } from "../../simulator/fidelity";
import { formatDuration } from "./duration";
import { isCloud, type LabRecord } from "./lab";
import { loadedImages } from "./node-images";
import { labPaths } from "../../paths";

type Row = [string, string];

/** The table that `lab up` prints at its end. */
export function summary(result: UpResult): string {
  const { report, lab, platform, usesStandInCharts } = result;
  const kubectl = `kubectl --kubeconfig ${labPaths(lab.name).kubeconfig}`;
  const nameOption = lab.name === "dev" ? "" : ` --name ${lab.name}`;
  const table = new Table({ style: { head: [], border: [] } });
  table.push(
    ["Lab", lab.name],
    ["Cluster", lab.cluster],
    ["Kubeconfig", labPaths(lab.name).kubeconfig],
    ["Deployments", `${kubectl} get deploy -A`],
    ...(platform.openfaas ? openfaasRows(lab, kubectl, nameOption) : []),
    ...(platform.knative ? [["Knative services", `${kubectl} get ksvc -A`] satisfies Row] : []),
    ...(platform.ingress ? ingressRows(result, platform.ingress, nameOption) : []),
    ["Real and simulated", fidelityRow(lab, platform)],
    ["Charts", chartsRow(lab, usesStandInCharts)],
    ["Changes", changesRow(report)],
    ...(isCloud(lab.cluster) ? [["Cost", costRow(lab)] satisfies Row] : []),
    ["Expires", expiryRow(lab, nameOption)],
    ["Duration", `${report.seconds} s`],
    ["Remove", `npm run lab -- down${nameOption}`],
  );
  return table.toString();
}

function costRow({ cost }: LabRecord): string {
  if (!cost) return "unknown";
  return `${cost.partial ? "more than " : ""}${cost.perHour.toFixed(2)} USD an hour, without tax`;
}

function expiryRow({ expires }: LabRecord, nameOption: string): string {
  if (expires === null) return "never";
  const left = formatDuration(Date.parse(expires) - Date.now());
  return `in ${left}; to extend: npm run lab -- extend --ttl 4h${nameOption}`;
}

function openfaasRows({ cluster }: LabRecord, kubectl: string, nameOption: string): Row[] {
  return [
    ["OpenFaaS gateway", "http://gateway.openfaas.svc.cluster.local:8080 inside the cluster"],
    [
      "  from here",
      cluster === "simulated"
        ? "not reachable: no containers run on simulated nodes"
        : `${kubectl} -n openfaas port-forward svc/gateway 8080:8080`,
    ],
    ["  user admin, password", `npm run lab -- outputs --show-secrets${nameOption}`],
  ];
}

/** A URL that answers without a password, if there is one: that of a function. */
function exampleOf(urls: readonly string[], { ingress, openfaas }: Platform): string | undefined {
  const gateway = ingress?.hosts["gateway"]?.hostname;
  const [name] = Object.keys(openfaas?.functions ?? {});
  const ofGateway = urls.find((url) => gateway !== undefined && new URL(url).hostname === gateway);
  if (ofGateway !== undefined && name !== undefined) return `${ofGateway}/function/${name}`;
  return ofGateway ?? urls.find((url) => !url.includes("*"));
}

function ingressRows(
  { lab, platform, urls, addresses }: UpResult,
  ingress: NonNullable<Platform["ingress"]>,
  nameOption: string,
): Row[] {
  // Nothing listens in simulated pods.
  const forward = lab.cluster === "simulated" ? undefined : portForward(ingress);
  const [address] = lab.cluster === "simulated" ? [edgeAddresses(lab.name)["websecure"]] : addresses;
  const reachable = forward === undefined ? address : `127.0.0.1:${forwardedPort}`;
  const example = exampleOf(urls, platform);
  const withKubeconfig = forward?.replace("kubectl", `kubectl --kubeconfig ${labPaths(lab.name).kubeconfig}`);
  return [
    ["Ingress", urls.join("\n")],
    ["  URLs, records, password", `npm run lab -- outputs --show-secrets${nameOption}`],
    ...(withKubeconfig === undefined ? [] : [["  forward a port", withKubeconfig] satisfies Row]),
    ...(reachable && example
      ? [["  from here", `curl -k --connect-to ${connectTo(example, reachable)} ${example}`] satisfies Row]
      : []),
  ];
}

/** The value of curl's option `--connect-to`. @param address `address` or `address:port`. Default port: 443 */
function connectTo(url: string, address: string): string {
  const { hostname, port } = new URL(url);
  const hasPort = /^(\[.*\]|[^:]+):\d+$/.test(address);
  const target = hasPort ? address : `${isIPv6(address) ? `[${address}]` : address}:443`;
  return `${hostname}:${port || "443"}:${target}`;
}

function fidelityRow({ name, cluster }: LabRecord, platform: Platform): string {
  if (cluster === "kind") return kindFidelityRow(name);
  if (cluster === "existing") return "real: everything, on your cluster";
  if (cluster === "k3s") return "real: everything, on DigitalOcean Droplets";
  if (cluster === "gke") return "real: everything, on Google Kubernetes Engine";
  const controllers = Object.keys(requiredControllers(platform)) as Parameters<typeof fidelity>[1];
  const parts = fidelity(partsOf(platform), controllers);
  const list = (status: string) => parts.flatMap(({ part, is }) => (is === status ? [part] : [])).join(", ");
  return (
    `real: Pulumi engine and providers, Helm, ${list("real")}\n` +
    `simulated: ${list("simulated")}: pods are reported as running, but no container runs`
  );
}

/** The images that are not upstream's, by name. */
function kindFidelityRow(lab: string): string {
  const others = loadedImages(lab).filter(({ fidelity }) => fidelity !== "real");
  const lines = others.map(({ reference, fidelity }) => `${fidelity}: ${reference}`);
  return [
    "real: everything in containers on this machine",
    ...(lines.length ? ["except", ...lines] : []),
  ].join("\n");
}

function changesRow({ changes }: LabReport): string {
  const { create, update, replace, delete: deleted, same } = changes;
  return create + update + replace + deleted
    ? `${create} created, ${update} updated, ${replace} replaced, ${deleted} deleted, ${same} unchanged`
    : "nothing changed";
}

function chartsRow(lab: LabRecord, usesStandInCharts: boolean): string {
  if (usesStandInCharts)
    return "small stand-ins of this project, since upstream is unreachable\n(use --charts with a mirror of the upstream charts)";
  return lab.charts ?? "from upstream, at the pinned versions";
}

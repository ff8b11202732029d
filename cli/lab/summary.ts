import Table from "cli-table3";
import type { Platform } from "../../config/platform";
import type { Finished, Report } from "./commands";
import { edgeAddresses } from "../../simulator/controllers/controllers";
import { partsOf, requiredControllers } from "./platform-parts";
import { fidelity } from "../../simulator/fidelity";
import { showDuration } from "./duration";
import { type ClusterKind, isCloud, type LabRecord } from "./lab";
import { labPaths } from "../../paths";

type Row = [string, string];

/** The table that ends `lab up`. */
export function summary({ report, lab, platform, usesStandInCharts }: Finished): string {
  const kubectl = `kubectl --kubeconfig ${labPaths(lab.name).kubeconfig}`;
  const named = lab.name === "dev" ? "" : ` --name ${lab.name}`;
  const table = new Table({ style: { head: [], border: [] } });
  table.push(
    ["Lab", `${lab.name}, on a cluster of kind ${lab.cluster}`],
    ["Kubeconfig", labPaths(lab.name).kubeconfig],
    ["Look around", `${kubectl} get deploy -A`],
    ...(platform.openfaas ? openfaasRows(lab, kubectl, named) : []),
    ...(platform.knative ? [["Knative services", `${kubectl} get ksvc -A`] satisfies Row] : []),
    ...(platform.ingress ? ingressRows(lab, platform.ingress, named) : []),
    ["Real and simulated", fidelityRow(lab.cluster, platform)],
    ["Charts", chartsRow(lab, usesStandInCharts)],
    ["Changes", changesRow(report)],
    ...(isCloud(lab.cluster) ? [["Costs", costRow(lab)] satisfies Row] : []),
    ["Expires", expiryRow(lab, named)],
    ["Took", `${report.seconds} s`],
    ["Take it down", `npm run lab -- down${named}`],
  );
  return table.toString();
}

function costRow({ cost }: LabRecord): string {
  if (!cost) return "unknown";
  return `${cost.partial ? "more than " : ""}${cost.perHour.toFixed(2)} USD an hour, without tax`;
}

function expiryRow({ expires }: LabRecord, named: string): string {
  if (expires === null) return "never";
  const left = showDuration(Date.parse(expires) - Date.now());
  return `in ${left}; later: npm run lab -- extend --ttl 4h${named}`;
}

function openfaasRows({ cluster }: LabRecord, kubectl: string, named: string): Row[] {
  return [
    ["OpenFaaS gateway", "http://gateway.openfaas.svc.cluster.local:8080 inside the cluster"],
    [
      "  from here",
      cluster === "simulated"
        ? "nothing runs behind it on simulated nodes"
        : `${kubectl} -n openfaas port-forward svc/gateway 8080:8080`,
    ],
    ["  user admin, password", `npm run lab -- outputs --show-secrets${named}`],
  ];
}

function ingressRows(
  { name, cluster }: LabRecord,
  ingress: NonNullable<Platform["ingress"]>,
  named: string,
): Row[] {
  const hosts = Object.values(ingress.hosts).map(({ hostname }) => hostname);
  const { websecure } = cluster === "simulated" ? edgeAddresses(name) : {};
  const example = hosts.find((host) => !host.startsWith("*."));
  return [
    ["Ingress", hosts.map((host) => `https://${host}`).join("\n")],
    ["  URLs, records, password", `npm run lab -- outputs --show-secrets${named}`],
    ...(websecure && example
      ? [["  from here", `curl -k --connect-to ${example}:443:${websecure} https://${example}`] satisfies Row]
      : []),
  ];
}

function fidelityRow(cluster: ClusterKind, platform: Platform): string {
  if (cluster === "kind") return "real: everything, in containers of this machine";
  if (cluster === "existing") return "real: everything, on your cluster";
  if (cluster === "k3s") return "real: everything, on machines of DigitalOcean";
  if (cluster === "gke") return "real: everything, on Google Kubernetes Engine";
  const controllers = Object.keys(requiredControllers(platform)) as Parameters<typeof fidelity>[1];
  const parts = fidelity(partsOf(platform), controllers);
  const list = (wanted: string) => parts.flatMap(({ part, is }) => (is === wanted ? [part] : [])).join(", ");
  return (
    `real: Pulumi engine and providers, Helm, ${list("real")}\n` +
    `simulated: ${list("simulated")}: pods show as running, and nothing runs in them`
  );
}

function changesRow({ changes }: Report): string {
  const { create, update, replace, delete: deleted, same } = changes;
  return create + update + replace + deleted
    ? `${create} created, ${update} updated, ${replace} replaced, ${deleted} deleted, ${same} the same`
    : "nothing changed";
}

function chartsRow(lab: LabRecord, usesStandInCharts: boolean): string {
  if (usesStandInCharts)
    return "small stand-ins of this project, since upstream could not be reached\n(name a mirror with --charts to use upstream's)";
  return lab.charts ?? "upstream's, at the pinned versions";
}

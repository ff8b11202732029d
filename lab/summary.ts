import Table from "cli-table3";
import type { PlatformConfig } from "../config/schema";
import type { Report } from "./commands";
import { edgeAddresses } from "./controllers/controllers";
import { partsOf, wantedControllers } from "./controllers/parts";
import { reality } from "./controllers/reality";
import { showDuration } from "./duration";
import { type ClusterKind, isCloud, type LabRecord } from "./lab";
import { labPaths } from "./paths";

/** What an `up` ends with. */
export interface Finished {
  report: Report;
  lab: LabRecord;
  config: PlatformConfig;
  /** Whether the charts are this project's small stand-ins. */
  fixtureCharts: boolean;
}

type Row = [string, string];

/** The table that ends `lab up`. */
export function summary({ report, lab, config, fixtureCharts }: Finished): string {
  const kubectl = `kubectl --kubeconfig ${labPaths(lab.name).kubeconfig}`;
  const named = lab.name === "dev" ? "" : ` --name ${lab.name}`;
  const table = new Table({ style: { head: [], border: [] } });
  table.push(
    ["Lab", `${lab.name}, on a cluster of kind ${lab.cluster}`],
    ["Kubeconfig", labPaths(lab.name).kubeconfig],
    ["Look around", `${kubectl} get deploy -A`],
    ...(config.openfaas.enabled ? openfaasRows(lab, kubectl, named) : []),
    ...(config.knative.enabled ? [["Knative services", `${kubectl} get ksvc -A`] satisfies Row] : []),
    ...(config.ingress.enabled ? ingressRows(lab, config, named) : []),
    ["Real and simulated", realityRow(lab.cluster, config)],
    ["Charts", chartsRow(lab, fixtureCharts)],
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

function ingressRows({ name, cluster }: LabRecord, { ingress }: PlatformConfig, named: string): Row[] {
  const others = Object.values(ingress.others).map(({ hostname }) => hostname);
  const hosts = [...Object.values(ingress.hosts), ...others];
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

function realityRow(cluster: ClusterKind, config: PlatformConfig): string {
  if (cluster === "kind") return "real: everything, in containers of this machine";
  if (cluster === "existing") return "real: everything, on your cluster";
  if (cluster === "k3s") return "real: everything, on machines of DigitalOcean";
  if (cluster === "gke") return "real: everything, on Google Kubernetes Engine";
  const controllers = Object.keys(wantedControllers(config)) as Parameters<typeof reality>[1];
  const parts = reality(partsOf(config), controllers);
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

function chartsRow(lab: LabRecord, fixtureCharts: boolean): string {
  if (fixtureCharts)
    return "small stand-ins of this project, since upstream could not be reached\n(name a mirror with --charts to use upstream's)";
  return lab.charts ?? "upstream's, at the pinned versions";
}

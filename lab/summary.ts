import Table from "cli-table3";
import type { Report } from "./commands";
import type { ClusterKind, LabRecord } from "./lab";
import { labPaths } from "./paths";

const reality: Record<ClusterKind, string> = {
  simulated:
    "real: API server, etcd, controllers, scheduler, Pulumi engine and providers, Helm\n" +
    "simulated: nodes (kwok): pods show as running, and nothing runs in them",
  kind: "real: everything, in containers of this machine",
  existing: "real: everything, on your cluster",
};

/** The table that ends `lab up`. */
export function summary(report: Report, lab: LabRecord, fixtureCharts: boolean): string {
  const kubectl = `kubectl --kubeconfig ${labPaths(lab.name).kubeconfig}`;
  const named = lab.name === "dev" ? "" : ` --name ${lab.name}`;
  const { create, update, replace, delete: deleted, same } = report.changes;
  const changed = create + update + replace + deleted;
  const table = new Table({ style: { head: [], border: [] } });
  table.push(
    ["Lab", `${lab.name}, on a cluster of kind ${lab.cluster}`],
    ["Kubeconfig", labPaths(lab.name).kubeconfig],
    ["Look around", `${kubectl} get deploy -A`],
    ["OpenFaaS gateway", "http://gateway.openfaas.svc.cluster.local:8080 inside the cluster"],
    [
      "  from here",
      lab.cluster === "simulated"
        ? "nothing runs behind it on simulated nodes"
        : `${kubectl} -n openfaas port-forward svc/gateway 8080:8080`,
    ],
    ["  user admin, password", `npm run lab -- outputs --show-secrets${named}`],
    ["Real and simulated", reality[lab.cluster]],
    ["Charts", chartsRow(lab, fixtureCharts)],
    [
      "Changes",
      changed
        ? `${create} created, ${update} updated, ${replace} replaced, ${deleted} deleted, ${same} the same`
        : "nothing changed",
    ],
    ["Took", `${report.seconds} s`],
    ["Take it down", `npm run lab -- down${named}`],
  );
  return table.toString();
}

function chartsRow(lab: LabRecord, fixtureCharts: boolean): string {
  if (fixtureCharts)
    return "small stand-ins of this project, since upstream could not be reached\n(name a mirror with --charts to use upstream's)";
  return lab.charts ?? "upstream's, at the pinned versions";
}

import type { Conflict } from "./conflicts";
import { advice } from "./fields";
import { reachable } from "./ingress-rules";
import type { PlatformConfig } from "./schema";

/** The inlets-operator where it is of no use, or in the way of the cluster's own load balancer. */
export function inletsConflicts({ cluster, ingress }: PlatformConfig): Conflict[] {
  const { enabled, inlets, exposure } = ingress;
  if (!enabled || !inlets) return [];
  const conflicts: Conflict[] = [];
  // On simulated nodes neither gives addresses that lead anywhere.
  if (cluster.kind !== "simulated" && reachable(cluster).loadBalancer)
    conflicts.push({
      path: ["ingress", "inlets"],
      got: `${inlets.provider}, on a cluster that gives addresses itself`,
      message: advice(
        "no inlets there, since each Service would get an address of both; remove it" +
          (cluster.kind === "existing"
            ? ", or set cluster.loadBalancer: false if the cluster gives none"
            : ""),
      ),
    });
  if (exposure !== undefined && exposure !== "loadBalancer")
    conflicts.push({
      path: ["ingress", "exposure"],
      got: `${exposure}, with inlets`,
      message: advice(
        "loadBalancer, since inlets serves no other; remove exposure, or remove inlets",
        "exposure: loadBalancer",
      ),
    });
  return conflicts;
}

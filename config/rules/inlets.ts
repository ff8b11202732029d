import type { Problem } from "../../errors";
import { ingressCapabilities } from "../capabilities";
import type { Judged } from "./rules";

/** The inlets-operator where it is of no use, or in the way of the cluster's own load balancer. */
export function inletsProblems({ config: { cluster, ingress } }: Judged): Problem[] {
  const { enabled, inlets, exposure } = ingress;
  if (!enabled || !inlets) return [];
  const problems: Problem[] = [];
  // On simulated nodes neither gives addresses that lead anywhere.
  if (cluster.kind !== "simulated" && ingressCapabilities(cluster).loadBalancer)
    problems.push({
      key: "ingress.inlets",
      got: `${inlets.provider}, on a cluster that gives addresses itself`,
      expected: "no inlets there, since each Service would get an address of both",
      fix:
        "remove it" +
        (cluster.kind === "existing" ? ", or set cluster.loadBalancer: false if the cluster gives none" : ""),
    });
  if (exposure !== undefined && exposure !== "loadBalancer")
    problems.push({
      key: "ingress.exposure",
      got: `${exposure}, with inlets`,
      expected: "loadBalancer, since inlets serves no other",
      fix: "remove exposure, or remove inlets",
      example: "exposure: loadBalancer",
    });
  return problems;
}

import type { Problem } from "../../errors";
import { ingressCapabilities } from "../capabilities";
import type { RuleContext } from "./rule";

/** Reports the inlets-operator if it has no effect, or conflicts with the cluster's own load balancer. */
export function inletsProblems({ config: { cluster, ingress } }: RuleContext): Problem[] {
  const { enabled, inlets, exposure } = ingress;
  if (!enabled || !inlets) return [];
  const problems: Problem[] = [];
  // On a simulated cluster neither assigns reachable addresses.
  if (cluster.kind !== "simulated" && ingressCapabilities(cluster).loadBalancer)
    problems.push({
      key: "ingress.inlets",
      got: `${inlets.provider}, on a cluster with its own load balancers`,
      expected: "no inlets, since each Service would get an address from both",
      fix:
        "remove it" +
        (cluster.kind === "existing" ? ", or set cluster.loadBalancer: false if the cluster has none" : ""),
    });
  if (exposure !== undefined && exposure !== "loadBalancer")
    problems.push({
      key: "ingress.exposure",
      got: `${exposure}, with inlets`,
      expected: "loadBalancer, since inlets supports no other",
      fix: "remove exposure, or remove inlets",
      example: "exposure: loadBalancer",
    });
  return problems;
}

import type { V1Pod } from "@kubernetes/client-node";
import { quantityValue } from "../../validation/validators";
import type { ClusterState } from "./cluster-state";

type Resource = "cpu" | "memory";

/** How many pods are named. */
const named = 3;

/** The resource of which the nodes have too little, by the scheduler's message; undefined for another reason. */
export function insufficient(message: string): Resource | undefined {
  return /Insufficient (cpu|memory)/.exec(message)?.[1] as Resource | undefined;
}

/** What a pod and the others on the nodes request of a resource, and how much the nodes have. */
export function requestsText(resource: Resource, pod: V1Pod, { pods, nodes }: ClusterState): string {
  const running = pods.filter(
    ({ spec, status }) => spec?.nodeName && status?.phase !== "Succeeded" && status?.phase !== "Failed",
  );
  const requests = running
    .map((each) => ({
      name: `${each.metadata?.namespace}/${each.metadata?.name}`,
      amount: requestOf(each, resource),
    }))
    .sort((a, b) => b.amount - a.amount);
  const total = requests.reduce((sum, { amount }) => sum + amount, 0);
  const available = nodes.reduce((sum, { status }) => sum + quantity(status?.allocatable?.[resource]), 0);
  const text = (amount: number) => amountText(amount, resource);
  const largest = requests
    .slice(0, named)
    .map(({ name, amount }) => `${name} ${text(amount)}`)
    .join(", ");
  return (
    `It requests ${text(requestOf(pod, resource))} ${resource}; ${text(total)} of ${text(available)} are requested` +
    `${largest && `, most by ${largest}`}.`
  );
}

/** What the containers of a pod that run at the same time request. */
function requestOf({ spec }: V1Pod, resource: Resource): number {
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  return [...sidecars, ...(spec?.containers ?? [])].reduce(
    (sum, { resources }) => sum + quantity(resources?.requests?.[resource]),
    0,
  );
}

const quantity = (text = "0"): number => quantityValue(text) ?? 0;

function amountText(amount: number, resource: Resource): string {
  return resource === "cpu" ? `${Math.round(amount * 1_000)}m` : `${Math.round(amount / 2 ** 20)}Mi`;
}

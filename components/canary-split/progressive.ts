import type * as k8s from "@pulumi/kubernetes";
import type { Fault } from "../arguments";
import type { CanarySplitArgs } from "./args";
import { flaggerNamespace, metricTemplates } from "./metrics";

/** How Flagger moves calls from the running version of a function to a new one. */
export interface ProgressiveArgs {
  /** By how many percent of the calls each step goes up. Default: 10. */
  stepWeight?: number;
  /** The share in percent at which the new version, if all is well, replaces the old one. Default: 50. */
  maxWeight?: number;
  /** How long a step takes and is measured: `30s`, `1m`. Default: 1m. */
  interval?: string;
  /** After how many bad checks Flagger goes back to the old version. Default: 5. */
  threshold?: number;
  /** What is good: at least this success rate, in percent, and at most this 99th percentile, in milliseconds. Default: 99 and 500. */
  metrics?: { successRate?: number; latency?: number };
}

/** An interval as Flagger takes it. */
export const isInterval = (text: string): boolean => /^[1-9]\d*[ms]$/.test(text);

/** What is wrong with a progressive canary, or keeps it from doing anything. */
export function progressiveFaults(args: CanarySplitArgs): Fault[] {
  const { progressive, mode = "edge", clients = "gateway", directFunctions, backends } = args;
  if (!progressive) return [];
  const faults: Fault[] = [];
  if (backends)
    faults.push({
      argument: "backends",
      got: "functions with weights, with progressive",
      wanted: "none, since Flagger weighs the function's new version against its old one",
      cure: "remove backends, or remove progressive for fixed weights",
    });
  if (mode !== "mesh")
    faults.push({
      argument: "mode",
      got: `${mode}, with progressive`,
      wanted:
        "mesh, since Flagger drives an HTTPRoute of a Service; at the edge every call goes to OpenFaaS's gateway, which CE sends to a pod's address",
      cure: "use mode mesh with clients: service",
    });
  if (clients !== "service" && !directFunctions)
    faults.push({
      argument: "clients",
      got: `${clients}, with progressive`,
      wanted: "service, since the mesh does not see what the gateway of OpenFaaS CE calls",
      cure: "say clients: service if what calls the function dials its Service from inside the mesh",
    });
  return [...faults, ...numberFaults(progressive)];
}

function numberFaults({
  stepWeight = 10,
  maxWeight = 50,
  interval = "1m",
  threshold = 5,
  metrics = {},
}: ProgressiveArgs): Fault[] {
  const faults: Fault[] = [];
  const fault = (key: string, got: unknown, wanted: string, cure = "correct it") =>
    faults.push({ argument: `progressive.${key}`, got: JSON.stringify(got), wanted, cure });
  const isPercent = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 100;
  if (!isPercent(maxWeight)) fault("maxWeight", maxWeight, "a whole number from 1 to 100");
  if (!isPercent(stepWeight)) fault("stepWeight", stepWeight, "a whole number from 1 to 100");
  else if (stepWeight > maxWeight)
    fault("stepWeight", stepWeight, `at most maxWeight, ${maxWeight}`, "make the step smaller");
  if (!isInterval(interval)) fault("interval", interval, "minutes or seconds, such as 1m or 30s");
  if (!Number.isInteger(threshold) || threshold < 1)
    fault("threshold", threshold, "a whole number of at least 1");
  const { successRate = 99, latency = 500 } = metrics;
  if (!(successRate >= 0 && successRate <= 100))
    fault("metrics.successRate", successRate, "a number from 0 to 100, in percent");
  if (!(latency > 0)) fault("metrics.latency", latency, "a number above 0, in milliseconds");
  return faults;
}

/** The object that Flagger acts on: https://docs.flagger.app/usage/how-it-works. */
export function canary(
  { root, functionNamespace: namespace = "openfaas-fn" }: CanarySplitArgs,
  { stepWeight = 10, maxWeight = 50, interval = "1m", threshold = 5, metrics = {} }: ProgressiveArgs,
  port: number,
): k8s.apiextensions.CustomResourceArgs {
  const metric = (name: string, thresholdRange: object) => ({
    name,
    interval,
    templateRef: { name, namespace: flaggerNamespace },
    thresholdRange,
  });
  return {
    apiVersion: "flagger.app/v1beta1",
    kind: "Canary",
    metadata: { name: `canary-${root}`, namespace },
    spec: {
      targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: root },
      // The function answers by itself again when the canary is removed.
      revertOnDeletion: true,
      service: {
        port,
        targetPort: port,
        portName: "http",
        gatewayRefs: [{ group: "core", kind: "Service", name: root, namespace, port }],
      },
      analysis: {
        ...{ interval, threshold, stepWeight, maxWeight },
        metrics: [
          metric(metricTemplates.successRate, { min: metrics.successRate ?? 99 }),
          metric(metricTemplates.latency, { max: metrics.latency ?? 500 }),
        ],
      },
    },
  };
}

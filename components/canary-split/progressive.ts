import type * as k8s from "@pulumi/kubernetes";
import { type CanarySplitArgs, isInterval, type ProgressiveArgs } from "./args";
import { defaultNamespace as defaultFlaggerNamespace, metricTemplates } from "../flagger/args";
import { type Problem } from "../../errors";

/** Returns the problems of a progressive canary, including those that would leave it without effect. */
export function progressiveProblems(args: CanarySplitArgs): Problem[] {
  const { progressive, mode = "edge", clients = "gateway", directFunctions, backends } = args;
  if (!progressive) return [];
  const problems: Problem[] = [];
  if (backends)
    problems.push({
      key: "backends",
      got: "functions with weights, with progressive",
      expected: "none, since Flagger splits calls between the old and the new version of the function",
      fix: "remove backends, or remove progressive for fixed weights",
    });
  if (mode !== "mesh")
    problems.push({
      key: "mode",
      got: `${mode}, with progressive`,
      expected:
        "mesh, since Flagger changes the HTTPRoute of a Service; at the edge all calls go to OpenFaaS's gateway, which calls a pod's address in CE",
      fix: "use mode mesh with clients: service",
    });
  if (clients !== "service" && !directFunctions)
    problems.push({
      key: "clients",
      got: `${clients}, with progressive`,
      expected: "service, since the mesh does not split calls from the gateway of OpenFaaS CE",
      fix: "set clients: service if clients call the function's Service from inside the mesh",
    });
  return [...problems, ...numberProblems(progressive)];
}

function numberProblems({
  stepWeight = 10,
  maxWeight = 50,
  interval = "1m",
  threshold = 5,
  metrics = {},
}: ProgressiveArgs): Problem[] {
  const problems: Problem[] = [];
  const problem = (key: string, got: unknown, expected: string, fix = "correct it") =>
    problems.push({ key: `progressive.${key}`, got: JSON.stringify(got), expected, fix });
  const isPercent = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 100;
  if (!isPercent(maxWeight)) problem("maxWeight", maxWeight, "a whole number from 1 to 100");
  if (!isPercent(stepWeight)) problem("stepWeight", stepWeight, "a whole number from 1 to 100");
  else if (stepWeight > maxWeight)
    problem("stepWeight", stepWeight, `at most maxWeight, ${maxWeight}`, "make the step smaller");
  if (!isInterval(interval)) problem("interval", interval, "minutes or seconds, such as 1m or 30s");
  if (!Number.isInteger(threshold) || threshold < 1)
    problem("threshold", threshold, "a whole number of at least 1");
  const { successRate = 99, latency = 500 } = metrics;
  if (!(successRate >= 0 && successRate <= 100))
    problem("metrics.successRate", successRate, "a number from 0 to 100, in percent");
  if (!(latency > 0)) problem("metrics.latency", latency, "a number above 0, in milliseconds");
  return problems;
}

/** Returns Flagger's Canary. Source: https://docs.flagger.app/usage/how-it-works. */
export function canary(
  {
    root,
    functionNamespace: namespace = "openfaas-fn",
    flaggerNamespace = defaultFlaggerNamespace,
  }: CanarySplitArgs,
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
      // The function receives all calls again when the canary is removed.
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

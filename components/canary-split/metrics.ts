/** Where Flagger and its metrics are, as canaries refer to them. */
export const flaggerNamespace = "flagger-system";
export const metricTemplates = { successRate: "success-rate", latency: "latency" };

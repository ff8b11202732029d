/**
 * How often OpenFaaS's gateway has called each function with success, by its own metrics.
 *
 * @param metrics what each replica of the gateway publishes, in Prometheus' text format
 */
export function invocations(metrics: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of metrics.flatMap((text) => text.split("\n"))) {
    const [, labels, value] = /^gateway_function_invocation_total\{(.*)\} (\S+)$/.exec(line) ?? [];
    if (labels === undefined || !/\bcode="200"/.test(labels)) continue;
    const name = /\bfunction_name="([^".]+)/.exec(labels)?.[1];
    if (name !== undefined) counts[name] = (counts[name] ?? 0) + Number(value);
  }
  return counts;
}

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { parseConfig } from "../../../config/parse";
import { platformOf } from "../../../config/platform";
import { standInCharts } from "../../../simulator/charts";
import { platform } from "../../../stacks/platform";
import { run } from "./mocks";

/** A token that is in the kubeconfig, and should be nowhere in the clear. */
export const token = "a-token-of-the-kubeconfig";

const kubeconfig = {
  apiVersion: "v1",
  kind: "Config",
  "current-context": "test",
  contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
  clusters: [{ name: "test", cluster: { server: "https://127.0.0.1:6443" } }],
  users: [{ name: "test", user: { token } }],
};

/**
 * Runs the platform on Pulumi's mocks, on a cluster that exists by its kubeconfig alone, with charts of our own.
 * @param config keys of the namespace `faasmesh`, such as `{ mesh: { viz: false } }`; defaults as people get them
 * @param existing more keys of the cluster, such as `{ loadBalancer: true }`
 */
export async function runPlatform(config: Record<string, unknown> = {}, existing: object = {}) {
  const root = mkdtempSync(join(tmpdir(), "platform-"));
  try {
    const file = join(root, "kubeconfig");
    writeFileSync(file, stringify(kubeconfig));
    const raw = {
      cluster: { kind: "existing", kubeconfig: file, ...existing },
      charts: { mirror: standInCharts },
      ...config,
    };
    const entries = Object.entries(raw).map(([key, value]) => [`faasmesh:${key}`, JSON.stringify(value)]);
    const parsed = parseConfig(Object.fromEntries(entries) as Record<string, string>, "test");
    return await run(() => platform(platformOf(parsed), root));
  } finally {
    rmSync(root, { recursive: true });
  }
}

import { cpSync, existsSync, mkdirSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../paths";
import { standInCharts } from "../../simulator/charts";
import { charts, manifests } from "../../versions";

const upstream = join(projectRoot, "..", "shared", "upstream");

const ofCharts = ["cert-manager", "linkerd-crds", "linkerd-smi"] as const;
const ofManifests = ["gateway-api", "knative-serving", "kourier"] as const;

/**
 * A mirror with the charts of tests, and of upstream what is beside the checkout: its manifests as they are, and its
 * definitions in place of the charts' own, which take anything. So each custom resource is held to its real schema.
 *
 * @param folder is made
 */
export function realDefinitions(folder: string): string {
  cpSync(standInCharts, folder, { recursive: true });
  for (const name of ofCharts) {
    const { version } = charts[name];
    const definitions = join(upstream, `${name}-${version.replace(/^v/, "")}`, "crds.yaml");
    if (!existsSync(definitions)) continue;
    const chart = join(folder, `${name}-${version}`);
    mkdirSync(join(chart, "files"));
    cpSync(definitions, join(chart, "files", "crds.yaml"));
    writeFileSync(join(chart, "templates", "crds.yaml"), '{{ .Files.Get "files/crds.yaml" }}');
  }
  for (const name of ofManifests) {
    const { version, url } = manifests[name];
    const file = join(upstream, `${name}-${version}`, url.split("/").at(-1)!);
    if (existsSync(file)) cpSync(file, join(folder, `${name}-${version}.yaml`));
  }
  return folder;
}

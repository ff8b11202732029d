import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { projectRoot } from "../../../lab/paths";
import { manifests, tools } from "../../../versions";

const shared = join(projectRoot, "..", "shared", "upstream");

type Part = "cert-manager" | "knative" | "gateway-api";

/** Where upstream's objects are in Go modules: a module of the tool chain, what it requires, and paths therein. */
const sources: Record<Part, readonly (readonly [tool: string, module: string, paths: readonly string[]])[]> =
  {
    "cert-manager": [["cert-manager", "github.com/cert-manager/cert-manager", ["deploy/crds"]]],
    knative: [
      [
        "knative",
        "knative.dev/serving",
        [
          ...["100-namespace.yaml", "200-serviceaccount.yaml", "200-roles", "300-resources", "configmaps"],
          ...["deployments/activator.yaml", "deployments/autoscaler.yaml", "deployments/controller.yaml"],
        ].map((path) => `config/core/${path}`),
      ],
      ["knative", "knative.dev/networking", ["config"]],
      ["knative", "knative.dev/caching", ["config"]],
    ],
    "gateway-api": [["traefik", "sigs.k8s.io/gateway-api", ["config/crd/standard"]]],
  };

/** Manifests as upstream publishes them, where a copy of these is beside the checkout. */
const published: Record<Part, string> = {
  "cert-manager": `cert-manager-${tools["cert-manager"]}/crds.yaml`,
  knative: `knative-serving-${manifests["knative-serving"].version}/serving-core.yaml`,
  "gateway-api": `gateway-api-${manifests["gateway-api"].version}/standard-install.yaml`,
};

/** Files with upstream's own definitions of a part: of Knative with all its other objects. */
export async function upstreamFiles(part: Part): Promise<string[]> {
  const file = join(shared, published[part]);
  if (existsSync(file)) return [file];
  const files = await Promise.all(
    sources[part].map(async ([tool, module, paths]) => {
      const folder = await moduleFolder(tool, module);
      return paths.flatMap((path) => yamlFiles(join(folder, path)));
    }),
  );
  return files.flat();
}

async function moduleFolder(tool: string, module: string): Promise<string> {
  const cwd = join(projectRoot, "lab", "toolchain", "go", tool);
  const { stdout } = await execa("go", ["mod", "download", "-json", module], { cwd });
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}

function yamlFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .map((name) => join(path, name));
}

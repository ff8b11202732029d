import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { projectRoot } from "../../paths";
import { pluginsDir } from "../../toolchain/ensure";

/** The providers with stand-ins: small replacements for tests and offline use, in the folders of the same names. */
const standIns = ["digitalocean", "gcp", "command"];

/**
 * Creates a PULUMI_HOME in which the providers of clouds are replaced by stand-ins, so that no credentials are needed.
 * Every cluster that they create is the cluster of a given kubeconfig.
 *
 * @param folder created if missing
 * @param pulumi path of the Pulumi CLI
 * @param kubeconfig content of the kubeconfig of an existing cluster. Default: no cluster is available
 * @returns the environment variables of the Pulumi CLI
 */
export function homeWithStandIns(
  folder: string,
  pulumi: string,
  kubeconfig?: string,
): Record<string, string> {
  const [state, bin, temporary] = ["state", "bin", "tmp"].map((each) => join(folder, each)) as [
    string,
    string,
    string,
  ];
  for (const each of [state, bin, temporary]) mkdirSync(each, { recursive: true, mode: 0o700 });
  // The engine ignores a plugin folder that is a symbolic link, but accepts a link to the executable in it.
  const link = (plugin: string, source: string) => {
    const target = join(folder, "plugins", plugin);
    mkdirSync(target, { recursive: true });
    for (const file of readdirSync(source).filter((each) => each.startsWith("pulumi-resource-")))
      if (!existsSync(join(target, file))) symlinkSync(join(source, file), join(target, file));
  };
  for (const plugin of readdirSync(pluginsDir)) link(plugin, join(pluginsDir, plugin));
  for (const name of standIns) {
    const file = join(projectRoot, "node_modules", "@pulumi", name, "package.json");
    const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
    link(`resource-${name}-v${version}`, join(__dirname, name));
  }
  const file = join(folder, "cluster.yaml");
  if (kubeconfig !== undefined) writeFileSync(file, kubeconfig, { mode: 0o600 });
  writeFileSync(join(bin, "gke-gcloud-auth-plugin"), authPlugin(file));
  chmodSync(join(bin, "gke-gcloud-auth-plugin"), 0o755);
  return {
    PATH: [bin, dirname(pulumi), process.env["PATH"] ?? ""].join(delimiter),
    PULUMI_HOME: folder,
    // The Kubernetes provider leaves kubeconfigs in its temporary folder.
    TMPDIR: temporary,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "for temporary state only",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
    // The Kubernetes provider renders charts for this cluster.
    ...(kubeconfig !== undefined && { FAASMESH_STANDIN_KUBECONFIG: file, KUBECONFIG: file }),
  };
}

/** A replacement for Google's authentication plugin, which prints the credentials of a kubeconfig. */
function authPlugin(kubeconfig: string): string {
  return `#!/usr/bin/env node
// A stand-in for Google's authentication plugin.
const text = require("node:fs").readFileSync(${JSON.stringify(kubeconfig)}, "utf8");
const decoded = (key) => Buffer.from(new RegExp(key + ": (.*)").exec(text)[1].trim(), "base64").toString();
const status = { clientCertificateData: decoded("client-certificate-data"), clientKeyData: decoded("client-key-data") };
console.log(JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1beta1", kind: "ExecCredential", status }));
`;
}

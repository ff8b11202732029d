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

/** Who stands in for what needs a cloud: DigitalOcean, Google, and commands over SSH or on this machine. */
const standIns = ["digitalocean", "gcp", "command"];

/**
 * A home for Pulumi in which clouds answer without credentials: their providers are stand-ins (simulator/cloud-providers), and
 * every cluster that they would make is the one of a kubeconfig.
 *
 * @param folder is made
 * @param pulumi the Pulumi CLI
 * @param kubeconfig of a cluster that there is: its content. Default: there is none, for what needs no cluster
 * @returns the environment of the Pulumi CLI
 */
export function homeWithStandIns(
  folder: string,
  pulumi: string,
  kubeconfig?: string,
): Record<string, string> {
  const [state, bin] = [join(folder, "state"), join(folder, "bin")];
  for (const each of [state, bin]) mkdirSync(each, { recursive: true, mode: 0o700 });
  // The engine takes no link for a plugin's folder, but for the program in it.
  const link = (plugin: string, from: string) => {
    const to = join(folder, "plugins", plugin);
    mkdirSync(to, { recursive: true });
    for (const file of readdirSync(from).filter((each) => each.startsWith("pulumi-resource-")))
      if (!existsSync(join(to, file))) symlinkSync(join(from, file), join(to, file));
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
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "of a plan, whose state is thrown away",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
    // Charts are rendered for it.
    ...(kubeconfig !== undefined && { FAASMESH_STANDIN_KUBECONFIG: file, KUBECONFIG: file }),
  };
}

/** What Google's plugin prints, with the credentials of a kubeconfig. */
function authPlugin(kubeconfig: string): string {
  return `#!/usr/bin/env node
// Stands in for Google's plugin.
const text = require("node:fs").readFileSync(${JSON.stringify(kubeconfig)}, "utf8");
const decoded = (key) => Buffer.from(new RegExp(key + ": (.*)").exec(text)[1].trim(), "base64").toString();
const status = { clientCertificateData: decoded("client-certificate-data"), clientKeyData: decoded("client-key-data") };
console.log(JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1beta1", kind: "ExecCredential", status }));
`;
}

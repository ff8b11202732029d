import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import * as versions from "../../versions";
import type { SshKeyPair } from "../../clouds/ssh";
import { k3sUnit, metadataUnit, podCidr, serviceCidr } from "../../clouds/k3s";
import { account, hostOf, type VmSettings } from "./args";

/** The generated values in the user-data of a VM. */
export interface VmSecrets {
  /** The reserved IP address. */
  readonly address: string;
  /** The SSH host key, with which the first connection verifies the machine. */
  readonly hostKey: SshKeyPair;
  /** The hash of the password, in the format of code-server. */
  readonly passwordHash: string;
}

/** The maximum size of user-data on DigitalOcean, in bytes. */
export const userDataLimit = 65_536;

interface WrittenFile {
  path: string;
  content: string;
  permissions?: string;
}

interface CloudConfig {
  write_files: WrittenFile[];
  [module: string]: unknown;
}

const folder = join(__dirname, "cloud-init");
const read = (file: string): string => readFileSync(join(folder, file), "utf8");

/** The folders on the VM of files that are copied unchanged. Files that end with .service are systemd units. */
const targetFolders: Readonly<Record<string, string>> = {
  "setup.sh": "/opt/faasmesh",
  "common.sh": "/opt/faasmesh",
  "steps.sh": "/opt/faasmesh",
  "index.html": "/opt/faasmesh",
  "README.md": "/opt/faasmesh",
  "metadata.nft": "/etc/faasmesh",
  "openfaas-namespaces.yaml": "/etc/faasmesh",
  "knative.yaml": "/etc/faasmesh",
  "kourier-service.yaml": "/etc/faasmesh",
  Caddyfile: "/etc/caddy",
};

/** The YAML of files that are the same on all VMs. It is cached, because it has thousands of lines for fifty seats. */
const staticYaml = new Map<boolean, string>();

function writtenFiles(vmFiles: readonly WrittenFile[], { knative }: VmSettings): string {
  const yaml = staticYaml.get(knative) ?? stringify({ write_files: staticFiles(knative) });
  staticYaml.set(knative, yaml);
  return yaml + stringify({ write_files: vmFiles }).replace(/^write_files:\n/, "");
}

/** Returns the files of the folder `cloud-init`, with their paths on the VM. */
function staticFiles(knative: boolean): WrittenFile[] {
  const skipped = knative ? [] : ["knative.yaml", "kourier-service.yaml"];
  const units = "/etc/systemd/system";
  const files = readdirSync(folder)
    .filter((file) => file !== "vm.yaml" && !skipped.includes(file))
    .sort()
    .map((file) => {
      const target = file.endsWith(".service") ? units : targetFolders[file];
      if (target === undefined) throw new Error(`${file} has no folder on the VM`);
      return { path: `${target}/${file}`, content: read(file) };
    });
  return [
    ...files,
    { path: `${units}/k3s.service`, content: k3sUnit("server") },
    { path: `${units}/faasmesh-metadata.service`, content: metadataUnit() },
  ];
}

/**
 * Returns the user-data of a VM. It contains two secrets: the SSH host key and the hash of the password. The metadata
 * service, which serves the user-data indefinitely, is blocked for pods and for the account of the seat before they run.
 */
export function userData(settings: VmSettings, secrets: VmSecrets): string {
  const { hostKey, passwordHash, address } = secrets;
  const { write_files: first, ...config } = (baseConfig ??= parse(read("vm.yaml")) as CloudConfig);
  const vmFiles: WrittenFile[] = [
    { path: "/etc/faasmesh/vm.env", content: environment(settings, address) },
    { path: "/etc/faasmesh/downloads", content: downloads(settings) },
    { path: "/etc/faasmesh/openfaas.yaml", content: stringify(openfaas) },
    {
      path: "/etc/faasmesh/code-server.yaml",
      content: stringify(codeServer(passwordHash)),
      permissions: "0600",
    },
    { path: "/etc/caddy/tls.caddy", content: tlsDirective(settings) },
    { path: "/etc/rancher/k3s/config.yaml", content: stringify(k3sConfig(address)) },
  ];
  const sshKeys = { ed25519_private: hostKey.privateKey, ed25519_public: hostKey.publicKey.trim() };
  return `#cloud-config\n${stringify({ ...config, ssh_keys: sshKeys })}${writtenFiles([...first, ...vmFiles], settings)}`;
}

let baseConfig: CloudConfig | undefined;

/** Returns /etc/faasmesh/vm.env, for shells and systemd. The checks of the settings exclude quotes in values. */
function environment(settings: VmSettings, address: string): string {
  const { seat, tls, linkerd, knative, folder: opened, repository = "", mirror = "" } = settings;
  const yesOrNo = (flag: boolean) => (flag ? "yes" : "no");
  const variables = {
    WORKSHOP_SEAT: seat,
    WORKSHOP_USER: account.name,
    WORKSHOP_UID: String(account.uid),
    WORKSHOP_ADDRESS: address,
    WORKSHOP_HOST: hostOf(settings, address),
    WORKSHOP_TLS: tls.kind,
    WORKSHOP_LINKERD: yesOrNo(linkerd),
    WORKSHOP_KNATIVE: yesOrNo(knative),
    WORKSHOP_FOLDER: opened,
    WORKSHOP_REPOSITORY: repository,
    WORKSHOP_MIRROR: mirror.replace(/\/$/, ""),
    OPENFAAS_URL: gateway,
  };
  return Object.entries(variables)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join("");
}

/** The URL of OpenFaaS on the VM: a node port. Node ports are on loopback only. */
const gateway = "http://127.0.0.1:31112";

/** Returns the list of the VM's downloads: name, URL and checksum. */
function downloads({ linkerd, knative }: VmSettings): string {
  const skipped: versions.DownloadName[] = [
    ...(linkerd ? [] : (["gateway-api"] as const)),
    ...(knative ? [] : (["knative-serving", "kourier"] as const)),
  ];
  const pins: [string, versions.DownloadPin][] = Object.entries(versions.vmDownloads);
  return pins
    .filter(([name]) => !skipped.includes(name as versions.DownloadName))
    .map(([name, { url, check }]) => {
      const checksum = "sha256" in check ? `sha256:${check.sha256}` : `sums:${check.sums}`;
      return `${name} ${url} ${checksum}\n`;
    })
    .join("");
}

/** The configuration of k3s. Source: https://docs.k3s.io/installation/configuration. */
const k3sConfig = (address: string) => ({
  "tls-san": [address],
  "cluster-cidr": podCidr,
  "service-cidr": serviceCidr,
  "secrets-encryption": true,
  "write-kubeconfig-mode": "0600",
  disable: ["traefik", "servicelb"],
  // Node ports are only for the VM itself. Other clients connect through Caddy, over TLS.
  "kube-proxy-arg": ["nodeport-addresses=127.0.0.0/8"],
});

/** The chart that the Helm controller of k3s installs. The VM creates the Secret basic-auth with the password itself. */
const openfaas = {
  apiVersion: "helm.cattle.io/v1",
  kind: "HelmChart",
  metadata: { name: "openfaas", namespace: "kube-system" },
  spec: {
    repo: versions.charts.openfaas.repository,
    chart: "openfaas",
    version: versions.charts.openfaas.version,
    targetNamespace: "openfaas",
    valuesContent: stringify({
      functionNamespace: "openfaas-fn",
      basic_auth: true,
      generateBasicAuth: false,
      serviceType: "NodePort",
    }),
  },
};

/** The configuration of code-server, which listens on loopback behind Caddy. Source: https://coder.com/docs/code-server/FAQ. */
const codeServer = (passwordHash: string) => ({
  "bind-addr": "127.0.0.1:8080",
  auth: "password",
  "hashed-password": passwordHash,
  cert: false,
  "disable-telemetry": true,
  "disable-update-check": true,
  "disable-workspace-trust": true,
});

function tlsDirective({ tls }: VmSettings): string {
  if (tls.kind === "self-signed") return "tls /etc/faasmesh/tls/cert.pem /etc/faasmesh/tls/key.pem\n";
  const email = tls.email === undefined ? "" : `\t\temail ${tls.email}\n`;
  return `tls {\n\tissuer acme {\n${email}\t}\n}\n`;
}

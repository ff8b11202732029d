import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import * as versions from "../../versions";
import type { SshKeyPair } from "../../clouds/ssh";
import { k3sUnit, metadataUnit, podCidr, serviceCidr } from "../../clouds/k3s";
import { account, hostOf, type VmSettings } from "./args";

/** What is known of a VM only when it is made, and cannot be read from its settings. */
export interface VmSecrets {
  /** The address that it keeps. */
  readonly address: string;
  /** Its SSH host key, so that the first connection can tell it from another machine. */
  readonly hostKey: SshKeyPair;
  /** The password's hash, as code-server takes it. */
  readonly passwordHash: string;
}

/** What DigitalOcean takes as user-data, in bytes. */
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

/** Where files go that are written as they are; units are found by their ending. */
const places: Readonly<Record<string, string>> = {
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

/** Files that are the same on every VM, as YAML: made once, since fifty seats have thousands of lines of it. */
const staticYaml = new Map<boolean, string>();

function writtenFiles(own: readonly WrittenFile[], { knative }: VmSettings): string {
  const yaml = staticYaml.get(knative) ?? stringify({ write_files: staticFiles(knative) });
  staticYaml.set(knative, yaml);
  return yaml + stringify({ write_files: own }).replace(/^write_files:\n/, "");
}

/** Files of the folder, each with the place that it goes to. */
function staticFiles(knative: boolean): WrittenFile[] {
  const left = knative ? [] : ["knative.yaml", "kourier-service.yaml"];
  const units = "/etc/systemd/system";
  const files = readdirSync(folder)
    .filter((file) => file !== "vm.yaml" && !left.includes(file))
    .sort()
    .map((file) => {
      const place = file.endsWith(".service") ? units : places[file];
      if (place === undefined) throw new Error(`${file} has no place on the VM`);
      return { path: `${place}/${file}`, content: read(file) };
    });
  return [
    ...files,
    { path: `${units}/k3s.service`, content: k3sUnit("server") },
    { path: `${units}/faasmesh-metadata.service`, content: metadataUnit() },
  ];
}

/**
 * The user-data of a VM. Of secrets it holds what boot needs: the SSH host key and the password's hash. The metadata
 * service, which serves user-data for ever, is closed to pods and to the account of who sits there before either runs.
 */
export function userData(settings: VmSettings, secrets: VmSecrets): string {
  const { hostKey, passwordHash, address } = secrets;
  const { write_files: first, ...config } = (baseConfig ??= parse(read("vm.yaml")) as CloudConfig);
  const own: WrittenFile[] = [
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
  return `#cloud-config\n${stringify({ ...config, ssh_keys: sshKeys })}${writtenFiles([...first, ...own], settings)}`;
}

let baseConfig: CloudConfig | undefined;

/** /etc/faasmesh/vm.env, for shells and for systemd. No value has a quote in it, as the settings are checked. */
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

/** Where OpenFaaS answers on the VM itself: a node port, and node ports are on loopback alone. */
const gateway = "http://127.0.0.1:31112";

/** The table of what the VM downloads: a name, a URL, and by what it is checked. */
function downloads({ linkerd, knative }: VmSettings): string {
  const left: versions.DownloadName[] = [
    ...(linkerd ? [] : (["gateway-api"] as const)),
    ...(knative ? [] : (["knative-serving", "kourier"] as const)),
  ];
  const pins: [string, versions.DownloadPin][] = Object.entries(versions.vmDownloads);
  return pins
    .filter(([name]) => !left.includes(name as versions.DownloadName))
    .map(([name, { url, check }]) => {
      const by = "sha256" in check ? `sha256:${check.sha256}` : `sums:${check.sums}`;
      return `${name} ${url} ${by}\n`;
    })
    .join("");
}

/** See https://docs.k3s.io/installation/configuration. */
const k3sConfig = (address: string) => ({
  "tls-san": [address],
  "cluster-cidr": podCidr,
  "service-cidr": serviceCidr,
  "secrets-encryption": true,
  "write-kubeconfig-mode": "0600",
  disable: ["traefik", "servicelb"],
  // What has a node port is for the VM itself; others come through Caddy, over TLS.
  "kube-proxy-arg": ["nodeport-addresses=127.0.0.0/8"],
});

/** What k3s's own Helm controller installs. The password is in the Secret basic-auth, which the VM makes itself. */
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

/** See https://coder.com/docs/code-server/FAQ. It listens on loopback; Caddy is in front. */
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

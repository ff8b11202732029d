import { stringify } from "yaml";
import type { Charts } from "../../../charts/args";
import type { K3sArgs } from "../../../components/k3s-cluster/index";
import type { OwnMocks } from "./mocks";

export const admin = "203.0.113.7/32";
export const minimal: K3sArgs = { clusterName: "demo", region: "fra1", adminCidrs: [admin] };
export const charts: Charts = { chart: (name) => ({ chart: `./.charts/${name}`, version: "1.0.0" }) };
export const token = "dop_v1_the-token";
export const cloud = { token, charts };

export const k3sKubeconfig = stringify({
  apiVersion: "v1",
  kind: "Config",
  clusters: [
    { name: "default", cluster: { server: "https://127.0.0.1:6443", "certificate-authority-data": "Q0E=" } },
  ],
  users: [{ name: "default", user: { "client-key-data": "a-key" } }],
  contexts: [{ name: "default", context: { cluster: "default", user: "default" } }],
  "current-context": "default",
  preferences: {},
});

export const privateKeyOf = (name: string): string => `-----BEGIN OPENSSH PRIVATE KEY-----\n${name}\n`;

/** What DigitalOcean, SSH and made-up keys answer. */
export const mocks: OwnMocks = {
  outputs: {
    "digitalocean:index/tag:Tag": () => ({}),
    "digitalocean:index/vpc:Vpc": () => ({}),
    "digitalocean:index/sshKey:SshKey": () => ({ fingerprint: "the fingerprint" }),
    "digitalocean:index/firewall:Firewall": () => ({}),
    "digitalocean:index/droplet:Droplet": (name) => ({
      ipv4Address: `public ${name}`,
      ipv4AddressPrivate: `private ${name}`,
    }),
    "digitalocean:index/reservedIp:ReservedIp": () => ({ ipAddress: "192.0.2.1" }),
    "digitalocean:index/reservedIpAssignment:ReservedIpAssignment": () => ({}),
    "random:index/randomId:RandomId": () => ({ hex: "abcdef" }),
    "random:index/randomPassword:RandomPassword": (name) => ({ result: `token ${name}` }),
    "tls:index/privateKey:PrivateKey": (name) => ({
      privateKeyOpenssh: privateKeyOf(name),
      publicKeyOpenssh: `ssh-ed25519 ${name}\n`,
    }),
    "command:remote:Command": (name) => ({ stdout: name === "cluster-kubeconfig" ? k3sKubeconfig : "" }),
  },
};

// A program of the package's entry points for clouds, with mocks in place of an engine. It prints the files of the package that
// components read, besides code.
"use strict";
const fs = require("node:fs");
const { dirname, relative, sep } = require("node:path");
const pulumi = require("@pulumi/pulumi");

const dist = dirname(dirname(require.resolve("faasmesh")));
const read = new Set();
const { readFileSync } = fs;
fs.readFileSync = (file, ...rest) => {
  const path = relative(dist, String(file));
  if (!path.startsWith("..") && rest[0] === "utf8") read.add(path.split(sep).join("/"));
  return readFileSync(file, ...rest);
};

const kubeconfig = `
clusters: [{ name: default, cluster: { server: "https://127.0.0.1:6443" } }]
users: [{ name: default, user: {} }]
contexts: [{ name: default, context: { cluster: default, user: default } }]
`;
/** What resources return besides their inputs, whatever their type. */
const outputs = {
  ...{
    ipAddress: "192.0.2.1",
    ipv4Address: "192.0.2.2",
    ipv4AddressPrivate: "10.20.0.2",
    endpoint: "192.0.2.3",
  },
  ...{
    privateKeyOpenssh: "a private key\n",
    publicKeyOpenssh: "ssh-ed25519 a-public-key\n",
    fingerprint: "aa:bb",
  },
  ...{ hex: "abcdef", result: "a password", base64: Buffer.alloc(16).toString("base64"), stdout: kubeconfig },
  ...{ email: "nodes@example.com", masterAuth: { clusterCaCertificate: "Q0E=" } },
};
const newResource = ({ name, inputs }) => ({ id: `${name}-id`, state: { ...outputs, ...inputs } });

async function main() {
  await pulumi.runtime.setMocks({ newResource, call: () => ({ email: "you@example.com", id: "1" }) });
  const { digitalOceanZone, K3sCluster, WorkshopVm } = require("faasmesh/digitalocean");
  const { GkeCluster, googleZone } = require("faasmesh/google");
  const { KindCluster } = require("faasmesh/kind");
  const adminCidrs = ["203.0.113.7/32"];
  new K3sCluster("k3s", { clusterName: "demo", region: "fra1", adminCidrs });
  new WorkshopVm("alice", {
    seat: "alice",
    workshop: "class",
    region: "fra1",
    adminCidrs,
    linkerd: true,
    knative: true,
  });
  new KindCluster("kind", { clusterName: "demo" });
  new GkeCluster("gke", {
    project: "demo",
    location: "europe-west3-a",
    clusterName: "demo",
    adminCidrs,
    deletionProtection: false,
  });
  const planned = { name: "www.example.com", type: pulumi.output("A"), value: pulumi.output("192.0.2.1") };
  for (const zone of [
    digitalOceanZone({ domain: "example.com" }),
    googleZone({ managedZone: "zone", domain: "example.com" }),
  ])
    zone.makeRecord(`record-${zone.domain}`, planned, {});
  await pulumi.runtime.disconnect();
  console.log(JSON.stringify([...read].sort()));
}

main();

// A program of the package's entry points for clouds, with mocks in place of an engine. It prints the files of the
// package that components read, besides code.
"use strict";
const fs = require("node:fs");
const { dirname, join, relative, sep } = require("node:path");
const pulumi = require("@pulumi/pulumi");

const dist = dirname(dirname(require.resolve("faasmesh")));
const read = new Set();
const { readFileSync } = fs;
fs.readFileSync = (file, ...rest) => {
  read.add(String(file));
  return readFileSync(file, ...rest);
};

const kubeconfig = `
clusters: [{ name: default, cluster: { server: "https://127.0.0.1:6443" } }]
users: [{ name: default, user: {} }]
contexts: [{ name: default, context: { cluster: default, user: default } }]
`;

/** What resources return besides their inputs, whatever their type. */
const outputs = {
  ipAddress: "192.0.2.1",
  ipv4Address: "192.0.2.2",
  ipv4AddressPrivate: "10.20.0.2",
  endpoint: "192.0.2.3",
  masterAuth: { clusterCaCertificate: "Q0E=" },
  email: "nodes@example.com",
  privateKeyOpenssh: "a private key\n",
  publicKeyOpenssh: "ssh-ed25519 a-public-key\n",
  fingerprint: "aa:bb",
  hex: "abcdef",
  result: "a password",
  base64: Buffer.alloc(16).toString("base64"),
  stdout: kubeconfig,
};
const newResource = ({ name, inputs }) => ({ id: `${name}-id`, state: { ...outputs, ...inputs } });

async function main() {
  await pulumi.runtime.setMocks({ newResource, call: () => ({ email: "you@example.com", id: "1" }) });
  // Mocks take no hooks.
  const { getMonitor } = require("@pulumi/pulumi/runtime/settings");
  getMonitor().registerResourceHook = (_request, done) => done(null, {});
  const { digitalOceanZone, K3sCluster, WorkshopVm } = require("faasmesh/digitalocean");
  const { GkeCluster, googleZone } = require("faasmesh/google");
  const { KindCluster } = require("faasmesh/kind");
  const common = { clusterName: "demo", adminCidrs: ["203.0.113.7/32"] };
  new K3sCluster("k3s", { ...common, region: "fra1" });
  new GkeCluster("gke", {
    ...common,
    project: "demo",
    location: "europe-west3-a",
    deletionProtection: false,
  });
  new KindCluster("kind", common);
  const seat = { seat: "alice", workshop: "class", region: "fra1", adminCidrs: common.adminCidrs };
  new WorkshopVm("alice", { ...seat, linkerd: true, knative: true });
  const planned = { name: "www.example.com", type: pulumi.output("A"), value: pulumi.output("192.0.2.1") };
  digitalOceanZone({ domain: "example.com" }).makeRecord("digitalocean-record", planned, {});
  googleZone({ managedZone: "zone", domain: "example.com" }).makeRecord("google-record", planned, {});
  await pulumi.runtime.disconnect();
  const isLoaded = (file) => file in require.cache;
  const files = [...read].filter((file) => file.startsWith(join(dist, "/")) && !isLoaded(file));
  console.log(JSON.stringify(files.map((file) => relative(dist, file).split(sep).join("/")).sort()));
}

main();

import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { K3sCluster, type K3sArgs } from "../../../components/k3s-cluster/index";
import { LinkerdMesh } from "../../../components/linkerd-mesh/index";
import { createCluster } from "../../../stacks/cluster";
import { minimal, mocks } from "./k3s-fixtures";
import { certificateOf, charts, keyOf, run } from "./mocks";
import { runPlatform } from "./run-platform";

const ingress = { enabled: true, hosts: { gateway: "gateway.example.com" } };
const off = { enabled: false };

describe("switches of an existing cluster", () => {
  const hasGatewayApi = async (install: unknown, gatewayApi: boolean) => {
    const { made } = await runPlatform({ gatewayApi: { install }, openfaas: off }, { gatewayApi });
    return made.ids.includes("GatewayApi gateway-api");
  };

  it("install the Gateway API by itself only where the cluster has none", async () => {
    assert.equal(await hasGatewayApi("auto", false), true);
    assert.equal(await hasGatewayApi("auto", true), false);
    assert.equal(await hasGatewayApi(true, true), true);
  });

  it("request a load balancer for the ingress where the cluster has them, otherwise node ports", async () => {
    const exposure = async (existing: object) =>
      (await runPlatform({ ingress }, existing)).made.input("Service ingress-service", "spec.type");
    assert.equal(await exposure({}), "NodePort");
    assert.equal(await exposure({ loadBalancer: true }), "LoadBalancer");
  });
});

describe("switches of an existing cluster's kubeconfig", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "switches-"))));
  after(() => rmSync(folder, { recursive: true }));

  it("select the file and the context, and report what the cluster can do", async () => {
    const named = (name: string) => ({ name, context: { cluster: name, user: "me" } });
    const server = (name: string) => ({ name, cluster: { server: `https://${name}.example.com:6443` } });
    const content = {
      "current-context": "one",
      contexts: ["one", "two"].map(named),
      clusters: ["one", "two"].map(server),
      users: [{ name: "me", user: { token: "a-token" } }],
    };
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, stringify(content));
    const can = { loadBalancer: true, gatewayApi: true, serviceCidr: "10.96.0.0/16" };
    const { made, result } = await run(async () => ({
      cluster: await createCluster({ kind: "existing", kubeconfig, context: "two", ...can }, charts),
    }));
    const used = parse(String(made.input("kubernetes cluster-provider", "kubeconfig"))) as object;
    assert.deepEqual(used, { ...used, "current-context": "two", clusters: [server("two")] });
    assert.deepEqual({ ...result.cluster.capabilities, ...can }, result.cluster.capabilities);
  });
});

describe("switches of the ingress", () => {
  for (const [controller, path] of [
    ["traefik", "values.deployment.replicas"],
    ["nginx", "values.controller.replicaCount"],
  ] as const) {
    it(`set the replicas of ${controller}`, async () => {
      const { made } = await runPlatform({ ingress: { ...ingress, controller, replicas: 3 } });
      assert.equal(made.input("Release ingress-proxy", path), 3);
    });
  }

  it("serve other hosts from their Services, with and without a password", async () => {
    const other = { namespace: "apps", service: "app", port: 8081 };
    const others = {
      open: { ...other, hostname: "open.example.com", auth: "none" },
      guarded: { ...other, hostname: "guarded.example.com", auth: "basic" },
    };
    const { made } = await runPlatform({ ingress: { ...ingress, others } });
    assert.equal(made.input("HTTPRoute ingress-open-route", "metadata.namespace"), "apps");
    assert.deepEqual(made.input("HTTPRoute ingress-open-route", "spec.hostnames"), ["open.example.com"]);
    const backend = made.input("HTTPRoute ingress-open-route", "spec.rules.0.backendRefs.0") as object;
    assert.deepEqual(backend, { ...backend, name: "app", port: 8081 });
    const rule = "spec.rules.0";
    assert.equal(made.input("Ingress ingress-guarded-ingress", `${rule}.host`), "guarded.example.com");
    assert.deepEqual(made.input("Ingress ingress-guarded-ingress", `${rule}.http.paths.0.backend.service`), {
      name: "app",
      port: { number: 8081 },
    });
    assert.ok(made.get("Secret ingress-guarded-auth"));
  });

  it("take an authority with its key", async () => {
    const issuer = { kind: "own-ca", certificate: certificateOf("mine"), key: keyOf("mine") };
    const { made } = await runPlatform({ ingress: { ...ingress, issuer } });
    assert.deepEqual(made.input("Secret ingress-ca-secret", "stringData"), {
      "tls.crt": issuer.certificate,
      "tls.key": issuer.key,
    });
  });

  it("set the days of a generated authority", async () => {
    const days = async (issuer: object) => {
      const { made } = await runPlatform({ ingress: { ...ingress, issuer: { kind: "own-ca", ...issuer } } });
      return Number(made.input("SelfSignedCert ingress-ca", "validityPeriodHours")) / 24;
    };
    assert.deepEqual([await days({}), await days({ days: 90 })], [3650, 90]);
  });
});

describe("switches of the mesh", () => {
  it("set the folders of the CNI plugin", async () => {
    const cni = { enabled: true, netDir: "/etc/cni/other.d", binDir: "/opt/other" };
    const { made } = await run(() => new LinkerdMesh("mesh", { charts, gatewayApi: "existing", cni }));
    assert.deepEqual(made.input("Release mesh-cni", "values"), {
      destCNINetDir: "/etc/cni/other.d",
      destCNIBinDir: "/opt/other",
    });
  });
});

describe("switches of k3s", () => {
  const cluster = async (args: Partial<K3sArgs>) =>
    (await run(() => new K3sCluster("cluster", { ...minimal, ...args }), mocks)).made;

  it("put everything in one region and network", async () => {
    const made = await cluster({ region: "lon1", vpcCidr: "10.99.0.0/20" });
    assert.equal(made.input("Vpc cluster-vpc", "ipRange"), "10.99.0.0/20");
    for (const kind of ["Vpc", "Droplet", "ReservedIp"])
      for (const { id, inputs } of made.ofKind(kind)) assert.equal(inputs["region"], "lon1", id);
  });

  it("give servers and agents their sizes", async () => {
    const made = await cluster({ serverSize: "s-4vcpu-8gb", agentSize: "s-1vcpu-2gb" });
    assert.equal(made.input("Droplet cluster-server-0", "size"), "s-4vcpu-8gb");
    assert.equal(made.input("Droplet cluster-agent-0", "size"), "s-1vcpu-2gb");
  });

  it("install a release of k3s on every machine", async () => {
    const made = await cluster({ version: "v1.34.9+k3s2" });
    const installs = made.ofKind("Command").filter(({ name }) => name.endsWith("-k3s"));
    assert.equal(installs.length, 3);
    for (const { id, inputs } of installs)
      assert.match(String(inputs["create"]), /K3S_VERSION='?v1\.34\.9\+k3s2'?$/m, id);
  });
});

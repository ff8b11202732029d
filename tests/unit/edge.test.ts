import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { parse } from "yaml";
import { parseConfig } from "../../config/parse";
import { platformOf } from "../../config/platform";
import { kindConfig } from "../../components/kind-cluster/args";
import { labConfig } from "../../cli/lab/config";
import type { LabRecord } from "../../cli/lab/lab";
import { ingressPorts, LabKind } from "../../cli/lab/kind";
import { summary } from "../../cli/lab/summary";
import type { UpResult } from "../../cli/lab/up";
import { labPaths } from "../../paths";

const platform = (config: Record<string, unknown>) =>
  platformOf(
    parseConfig(
      Object.fromEntries(
        Object.entries(config).map(([key, value]) => [`faasmesh:${key}`, JSON.stringify(value)]),
      ),
      "test",
    ),
  );

const ingress = { enabled: true, hosts: { gateway: "gateway.example.com" } };
const nodePorts = { http: 30080, https: 30443 };
const adminCidrs = ["203.0.113.7/32"];
const gke = { kind: "gke", project: "my-project", location: "europe-west3-a", adminCidrs };
const k3s = (nodes: object) => ({ kind: "k3s", region: "fra1", adminCidrs, ...nodes });

describe("the ingress of a kind cluster", () => {
  const of = (cluster: object, more: object = {}) => {
    const { address, httpPort, httpsPort, ...rest } = platform({
      cluster: { kind: "kind", ...cluster },
      ingress: { ...ingress, ...more },
    }).ingress!;
    return { address, httpPort, httpsPort, nodePorts: rest.nodePorts };
  };
  const unmapped = { address: undefined, httpPort: undefined, httpsPort: undefined };

  const table: [string, object, object, object][] = [
    [
      "is at the ports that the program's cluster forwards",
      { ingress: { http: 18080, https: 18443 } },
      {},
      { address: "127.0.0.1", httpPort: 18080, httpsPort: 18443, nodePorts },
    ],
    [
      "is at 80 and 443 of the program's cluster by default",
      {},
      {},
      { address: "127.0.0.1", httpPort: 80, httpsPort: 443, nodePorts },
    ],
    [
      "is at the ports that the lab chose",
      { lab: "real", ingress: { http: 21080, https: 21443 } },
      {},
      { address: "127.0.0.1", httpPort: 21080, httpsPort: 21443, nodePorts },
    ],
    [
      "is nowhere on this machine where the lab forwards no port",
      { lab: "real" },
      {},
      { ...unmapped, nodePorts },
    ],
    [
      "is nowhere on this machine at node ports of your own, which nothing is forwarded to",
      {},
      { nodePorts: { http: 31080, https: 31443 } },
      { ...unmapped, nodePorts: { http: 31080, https: 31443 } },
    ],
    [
      "is nowhere on this machine if it is not exposed",
      {},
      { exposure: "clusterIP" },
      { ...unmapped, nodePorts: undefined },
    ],
  ];
  for (const [title, cluster, more, expected] of table)
    it(title, () => assert.deepEqual(of(cluster, more), expected));

  it("rejects one port for both", () =>
    assert.throws(
      () => platform({ cluster: { kind: "kind", ingress: { http: 8080, https: 8080 } } }),
      /faasmesh:cluster\.ingress\.https: got 8080, expected another port than that of http/,
    ));
});

describe("the number of pods of entry points", () => {
  const counts = (config: Record<string, unknown>) => {
    const {
      openfaas,
      ingress: proxy,
      knative,
    } = platform({
      ...{ ingress: { ...ingress, ...(config["ingress"] as object) }, knative: { enabled: true } },
      ...Object.fromEntries(Object.entries(config).filter(([key]) => key !== "ingress")),
    });
    return [openfaas?.gateway?.replicas, proxy?.replicas, knative?.gateway?.replicas];
  };
  const table: [string, Record<string, unknown>, number[]][] = [
    ["is 1 on a simulated cluster", { cluster: { kind: "simulated" } }, [1, 1, 1]],
    ["is 1 on kind", { cluster: { kind: "kind", workers: 3 } }, [1, 1, 1]],
    ["is 1 on an existing cluster", { cluster: { kind: "existing" } }, [1, 1, 1]],
    ["is 1 on k3s with one node", { cluster: k3s({ servers: 1, agents: 0 }) }, [1, 1, 1]],
    ["is 2 on k3s with more nodes", { cluster: k3s({ servers: 1, agents: 1 }) }, [2, 2, 2]],
    ["is 2 on GKE", { cluster: gke }, [2, 2, 2]],
    [
      "is 2 with a mesh in high availability",
      { cluster: { kind: "existing" }, mesh: { ha: true } },
      [2, 2, 2],
    ],
    ["is that of the key", { cluster: gke, replicas: 1 }, [1, 1, 1]],
    ["is that of the key on any cluster", { cluster: { kind: "kind" }, replicas: 3 }, [3, 3, 3]],
    [
      "is that of each one's own key first",
      {
        ...{ cluster: gke, replicas: 3, openfaas: { gateway: { replicas: 4 } } },
        ...{ ingress: { replicas: 5 }, knative: { enabled: true, gateway: { replicas: 6 } } },
      },
      [4, 5, 6],
    ],
  ];
  for (const [title, config, expected] of table) it(title, () => assert.deepEqual(counts(config), expected));
});

describe("a lab on kind", () => {
  const record: LabRecord = {
    ...{ name: "edge-test", cluster: "kind", env: "dev", owner: "me", status: "up" },
    ...{ created: "2026-01-01T00:00:00Z", expires: null },
  };
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "edge-"))));
  afterEach(() => {
    rmSync(dir, { recursive: true });
    rmSync(labPaths(record.name).dir, { recursive: true, force: true });
  });

  /** A kind that keeps the configuration of its cluster in a file. */
  function kind(existing = ""): string {
    const file = join(dir, "kind");
    const script = `#!/bin/sh
case "$1" in get) echo "${existing}" ;; create) cat >"${dir}/config" ;; esac
`;
    writeFileSync(file, script, { mode: 0o755 });
    return file;
  }

  it("tells the program the ports that it forwards, and of no others", () => {
    const ports = { http: 21080, https: 21443 };
    const clusterOf = (lab: LabRecord) => labConfig(lab)["faasmesh:cluster"];
    assert.deepEqual(clusterOf({ ...record, ingress: ports }), {
      kind: "kind",
      lab: record.name,
      ingress: ports,
    });
    assert.deepEqual(clusterOf(record), { kind: "kind", lab: record.name });
  });

  it("chooses free ports that no other lab has", async () => {
    const { http, https } = await ingressPorts();
    assert.notEqual(http, https);
    for (const port of [http, https]) {
      const server = createServer().unref();
      await once(server.listen({ port, host: "127.0.0.1" }), "listening");
      await once(server.close(), "close");
    }
  });

  const engine = {
    env: {},
    docker: "docker",
    isSetUp: false,
    keepWhile: async () => {},
    close: async () => {},
  };
  const create = (program: string, ports: LabRecord["ingress"]) =>
    new LabKind(record.name, program, engine).create(ports, () => Promise.resolve("example.com/node:1"));

  it("creates its cluster with the ports", async () => {
    const ports = await ingressPorts();
    await create(kind(), ports);
    assert.deepEqual(parse(readConfig()), parse(kindConfig({ ingress: ports })));
  });

  it("reports a port in use in one message, before it creates anything", async () => {
    const ports = await ingressPorts();
    const server = createServer().unref();
    await once(server.listen({ port: ports.https, host: "127.0.0.1" }), "listening");
    await assert.rejects(create(kind(), ports), {
      message: new RegExp(
        `The lab "edge-test" has 1 problem:\n  ingress.https: got the port ${ports.https} of 127.0.0.1, which is in use, ` +
          "expected a free port.*; stop the program that listens there",
      ),
    });
    assert.throws(readConfig);
    // Not of a cluster that exists, which holds them itself.
    await create(kind(`faasmesh-${record.name}`), ports);
    await once(server.close(), "close");
  });

  const readConfig = () => readFileSync(join(dir, "config"), "utf8");
});

describe("the table of a lab with an ingress", () => {
  const rows = (cluster: LabRecord["cluster"], args: Partial<UpResult>, ofIngress: object = {}): string =>
    summary({
      report: { name: "real", changes: { create: 1, update: 0, replace: 0, delete: 0, same: 0 }, seconds: 1 },
      lab: {
        ...{ name: "real", cluster, env: "dev", owner: "me", status: "up" },
        ...{ created: "2026-01-01T00:00:00Z", expires: null },
      },
      platform: platform({
        cluster: { kind: "existing", kubeconfig: "/nowhere" },
        ingress: { ...ingress, ...ofIngress },
      }),
      ...{ urls: [], addresses: [], usesStandInCharts: false, ...args },
    } as UpResult);

  it("has URLs that answer at the ports of this machine", () => {
    const url = "https://gateway.example.com:21443";
    const text = rows(
      "kind",
      { urls: [url], addresses: ["127.0.0.1:21443"] },
      { address: "127.0.0.1", httpsPort: 21443 },
    );
    assert.match(text, /│ Ingress +│ https:\/\/gateway\.example\.com:21443 /);
    assert.ok(text.includes(`curl -k --connect-to gateway.example.com:21443:127.0.0.1:21443 ${url}`), text);
    assert.ok(!text.includes("port-forward svc/traefik") && !text.includes("port-forward service/traefik"));
  });

  it("says how to forward a port where the cluster has no address", () => {
    const url = "https://gateway.example.com:30443";
    const text = rows("existing", { urls: [url] });
    const { kubeconfig } = labPaths("real");
    assert.ok(
      text.includes(`kubectl --kubeconfig ${kubeconfig} -n traefik port-forward service/traefik 8443:443`),
      text,
    );
    assert.ok(text.includes(`curl -k --connect-to gateway.example.com:30443:127.0.0.1:8443 ${url}`), text);
  });

  for (const [address, target] of [
    ["203.0.113.9", "203.0.113.9:443"],
    ["2001:db8::1", "[2001:db8::1]:443"],
    ["lb.example.net", "lb.example.net:443"],
  ] as const)
    it(`has the address of the load balancer: ${address}`, () => {
      const url = "https://gateway.example.com";
      const text = rows("gke", { urls: [url], addresses: [address] }, { address });
      assert.ok(text.includes(`curl -k --connect-to gateway.example.com:443:${target} ${url}`), text);
    });
});

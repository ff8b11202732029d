import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { plainProgress } from "../../../lab/progress";
import { ensureTools } from "../../../lab/toolchain/ensure";
import { authority, ControlledLab, hostCertificate } from "./controlled-lab";
import * as edge from "./edge";
import { upstreamFiles } from "./upstream";

const host = "gateway.example.test";
const namespace = "openfaas";
const requests = 2_000;
const gatewayApi = "gateway.networking.k8s.io/v1";
const ports = { web: 8000, websecure: 8443 };

type Weights = Readonly<Record<string, number>>;

describe("a canary at the edge, run for real", () => {
  const lab = new ControlledLab("edge");
  const url = new URL(`https://${host}/function/echo`);
  let address: edge.MachineAddress | undefined;
  let backends: edge.Backends | undefined;
  let heyPath: string;
  let authorityCertificate: string;
  let entry: string;
  let step = 0;

  before(async function () {
    address = await edge.machineAddress();
    if (!address) {
      console.log("    skipped: this machine has no address but loopback, and only root can give it one");
      this.skip();
    }
    heyPath = (await ensureTools(["hey"], plainProgress(process.stderr))).hey;
    backends = await edge.startBackends(address.address, ["echo", "echo-green", "echo-blue"]);
    await lab.up();
    await lab.applyWithDefinitions(await upstreamFiles("gateway-api"));
    await lab.applyWithDefinitions(await upstreamFiles("cert-manager"));
    await lab.deployment("cert-manager", "cert-manager");
    await lab.deployment("traefik", "traefik");
    await lab.startControllers({ "cert-manager": { gatewayApi: true }, traefik: { entryPoints: ports } });
  });

  after(async () => {
    backends?.stop();
    await lab.sandbox.remove();
    await address?.release();
  });

  it("serves TLS with a certificate that cert-manager has issued", async () => {
    const gateway = { namespace, service: "gateway", port: 8080, targetPort: backends!.gatewayPort };
    await lab.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    await lab.apply(
      ...authority(namespace),
      hostCertificate(namespace, "gateway-tls", host),
      ...edge.endpointObjects({ ...gateway, address: address!.address }),
      { apiVersion: gatewayApi, kind: "GatewayClass", ...gatewayClass },
      { apiVersion: gatewayApi, kind: "Gateway", ...gatewayObject },
    );
    await lab.condition("Ready", "certificate/gateway-tls", namespace);
    await lab.condition("Programmed", "gateway/edge", namespace);
    const where = "jsonpath={.status.addresses[0].value}";
    entry = `${await lab.kubectl("get", "gateway", "edge", "-n", namespace, "-o", where)}:${ports.websecure}`;
    const secret = "jsonpath={.data.tls\\.crt}";
    const data = await lab.kubectl("get", "secret", "authority", "-n", namespace, "-o", secret);
    authorityCertificate = Buffer.from(data, "base64").toString();

    await split({});
    assert.equal((await edge.ask(url, entry, authorityCertificate)).body, "echo /\n");
    await assert.rejects(
      edge.ask(new URL("https://other.example.test/"), entry, authorityCertificate),
      /cert/i,
    );
  });

  for (const [green, blue] of [
    [90, 10],
    [50, 50],
  ] as const) {
    it(`sends ${green} % to green and ${blue} % to blue`, async () => {
      await split({ "echo-green": green, "echo-blue": blue });
      const counts = await measure();
      assert.equal(counts["echo"], 0);
      assert.equal(counts["echo-green"]! + counts["echo-blue"]!, requests);
      const shares = `green ${counts["echo-green"]}, blue ${counts["echo-blue"]}`;
      assert.ok(edge.isShare(counts["echo-green"]!, requests, green / 100), shares);
    });
  }

  it("sends everything to the root again", async () => {
    await split({});
    assert.deepEqual(await measure(), { echo: requests, "echo-green": 0, "echo-blue": 0 });
  });

  /** Sends the function `echo` to others by weight, or to itself; waits until Traefik does so. */
  async function split(weights: Weights): Promise<void> {
    step++;
    await lab.apply(route(weights, String(step)));
    for (let tries = 0; tries < 100; tries++) {
      const { headers } = await edge.ask(url, entry, authorityCertificate);
      if (headers["x-step"] === String(step)) return;
      await sleep(200);
    }
    throw new Error(`Traefik has not taken the route of step ${step}`);
  }

  async function measure(): Promise<Record<string, number>> {
    await backends!.counts();
    const statuses = await edge.hey(heyPath, `https://${entry}${url.pathname}`, host, requests);
    assert.deepEqual(statuses, { 200: requests });
    return backends!.counts();
  }
});

const gatewayClass = {
  metadata: { name: "traefik" },
  spec: { controllerName: "traefik.io/gateway-controller" },
};

const gatewayObject = {
  metadata: { name: "edge", namespace },
  spec: {
    gatewayClassName: "traefik",
    listeners: [
      {
        name: "https",
        port: ports.websecure,
        protocol: "HTTPS",
        hostname: host,
        tls: { mode: "Terminate", certificateRefs: [{ kind: "Secret", name: "gateway-tls" }] },
      },
    ],
  },
};

function route(weights: Weights, step: string): object {
  const gateway = { kind: "Service", name: "gateway", port: 8080 };
  const rewritten = Object.entries(weights).map(([name, weight]) => {
    const path = { type: "ReplacePrefixMatch", replacePrefixMatch: `/function/${name}` };
    return { ...gateway, weight, filters: [{ type: "URLRewrite", urlRewrite: { path } }] };
  });
  const marked = {
    type: "ResponseHeaderModifier",
    responseHeaderModifier: { set: [{ name: "x-step", value: step }] },
  };
  return {
    apiVersion: gatewayApi,
    kind: "HTTPRoute",
    metadata: { name: "echo", namespace },
    spec: {
      parentRefs: [{ name: "edge" }],
      hostnames: [host],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: "/function/echo" } }],
          filters: [marked],
          backendRefs: rewritten.length > 0 ? rewritten : [{ ...gateway, weight: 1 }],
        },
      ],
    },
  };
}

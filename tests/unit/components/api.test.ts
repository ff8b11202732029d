import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { apiOf, hookOn } from "../../../kubernetes/api";
import { run } from "./mocks";

class Parent extends pulumi.ComponentResource {
  constructor(opts?: pulumi.ComponentResourceOptions, name = "parent") {
    super("faasmesh:index:Parent", name, {}, opts);
  }
}

describe("apiOf", () => {
  let server: Server;
  let folder: string;
  let asked: string[];
  const environment = { ...process.env };
  before((done) => {
    folder = mkdtempSync(join(tmpdir(), "api-"));
    server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ kind: "NamespaceList", items: [] }));
    }).listen(0, "127.0.0.1", done);
  });
  after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    asked = [];
    // What this machine has is not asked for.
    delete process.env["KUBECONFIG"];
    process.env["HOME"] = join(folder, "nobody");
  });
  afterEach(() => {
    pulumi.runtime.setAllConfig({});
    for (const key of ["KUBECONFIG", "HOME"]) {
      if (environment[key] === undefined) delete process.env[key];
      else process.env[key] = environment[key];
    }
  });

  /** A kubeconfig whose contexts are on servers of their own: the current one, and `other`; `third` has no context. */
  const kubeconfig = (current: string) => {
    const names = [current, "other", "third"];
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": current,
      contexts: names.slice(0, 2).map((name) => ({ name, context: { cluster: name, user: "user" } })),
      clusters: names.map((name) => ({
        name,
        cluster: { server: `${address}/${name}`, "insecure-skip-tls-verify": true },
      })),
      users: [{ name: "user", user: {} }],
    });
  };
  const file = (current: string, path = "kubeconfig") => {
    const full = join(folder, path);
    mkdirSync(join(full, ".."), { recursive: true });
    writeFileSync(full, kubeconfig(current));
    return full;
  };

  /** The cluster that the API of a component is on, in a program. */
  async function clusterOf(program: () => pulumi.Resource): Promise<string | undefined> {
    const { result } = await run(() => ({ api: apiOf(program()) }));
    await (await result.api()).listNamespace();
    assert.equal(asked.length, 1);
    return /^\/(.+)\/api\/v1\/namespaces$/.exec(asked[0] ?? "")?.[1];
  }
  const withProvider = (args: k8s.ProviderArgs) =>
    clusterOf(() => new Parent({ providers: [new k8s.Provider("cluster", args)] }));

  describe("with a provider that was passed", () => {
    it("takes the content of its kubeconfig", async () =>
      assert.equal(await withProvider({ kubeconfig: kubeconfig("content") }), "content"));
    it("takes content that is a secret, and known later", async () =>
      assert.equal(
        await withProvider({ kubeconfig: pulumi.secret(Promise.resolve(kubeconfig("secret"))) }),
        "secret",
      ));
    it("takes the path of its kubeconfig", async () =>
      assert.equal(await withProvider({ kubeconfig: file("path") }), "path"));
    it("takes a path in the home folder", async () => {
      process.env["HOME"] = folder;
      file("home", "own/config");
      assert.equal(await withProvider({ kubeconfig: "~/own/config" }), "home");
    });
    it("takes its context", async () => {
      const args = { kubeconfig: kubeconfig("content"), context: "other" };
      assert.equal(await withProvider(args), "other");
    });
    it("takes its cluster, in place of the context's", async () => {
      const args = { kubeconfig: kubeconfig("content"), cluster: "third" };
      assert.equal(await withProvider(args), "third");
      asked = [];
      assert.equal(await withProvider({ ...args, context: "other" }), "third");
    });
    it("takes its context of what the environment names, where it has no kubeconfig", async () => {
      process.env["KUBECONFIG"] = file("environment");
      assert.equal(await withProvider({ context: "other" }), "other");
    });

    it("takes the one that is passed alone, and that of a parent", async () => {
      const provider = () => new k8s.Provider("cluster", { kubeconfig: kubeconfig("content") });
      assert.equal(await clusterOf(() => new Parent({ provider: provider() })), "content");
      asked = [];
      const child = () => new Parent({ parent: new Parent({ provider: provider() }) }, "child");
      assert.equal(await clusterOf(child), "content");
    });

    it("does not look at the config and the environment, which are the default provider's", async () => {
      process.env["KUBECONFIG"] = file("environment");
      pulumi.runtime.setAllConfig({
        "kubernetes:kubeconfig": kubeconfig("config"),
        "kubernetes:context": "other",
      });
      assert.equal(await withProvider({ kubeconfig: kubeconfig("content") }), "content");
    });
  });

  describe("with Pulumi's default provider", () => {
    const byDefault = () => clusterOf(() => new Parent());

    it("takes the config's kubeconfig, by content or path, before the environment", async () => {
      process.env["KUBECONFIG"] = file("environment");
      pulumi.runtime.setAllConfig({ "kubernetes:kubeconfig": kubeconfig("config") });
      assert.equal(await byDefault(), "config");
      asked = [];
      pulumi.runtime.setAllConfig({ "kubernetes:kubeconfig": file("config-file", "of-config") });
      assert.equal(await byDefault(), "config-file");
    });
    it("takes the config's context and cluster", async () => {
      const config = { "kubernetes:kubeconfig": kubeconfig("config") };
      pulumi.runtime.setAllConfig({ ...config, "kubernetes:context": "other" });
      assert.equal(await byDefault(), "other");
      asked = [];
      pulumi.runtime.setAllConfig({ ...config, "kubernetes:cluster": "third" });
      assert.equal(await byDefault(), "third");
    });
    it("takes what KUBECONFIG names, with the config's context", async () => {
      process.env["KUBECONFIG"] = file("environment");
      assert.equal(await byDefault(), "environment");
      asked = [];
      pulumi.runtime.setAllConfig({ "kubernetes:context": "other" });
      assert.equal(await byDefault(), "other");
    });
    it("takes ~/.kube/config else", async () => {
      process.env["HOME"] = folder;
      file("home", ".kube/config");
      assert.equal(await byDefault(), "home");
    });
  });

  it("asks nothing before a hook runs", async () => {
    const { result } = await run(() => {
      const provider = new k8s.Provider("cluster", { kubeconfig: kubeconfig("content") });
      return { hooks: hookOn(new Parent({ provider }), async (api) => void (await api.listNamespace())) };
    });
    assert.deepEqual(asked, []);
    for (const hook of result.hooks) await hook({ urn: "", id: "", name: "", type: "" });
    assert.deepEqual(asked, ["/content/api/v1/namespaces"]);
  });
});

import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, relative } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { parse, stringify } from "yaml";
import { Cluster, type ClusterArgs } from "../../../components/cluster/index";
import { readKubeconfig } from "../../../kubernetes/kubeconfig";
import { UserError } from "../../../errors";
import { assertChildrenAreNamed, hidden, run, valueOf } from "./mocks";

const kubeconfig = "the kubeconfig, with a token";

describe("Cluster", () => {
  const cluster = (args: Partial<ClusterArgs> = {}) =>
    run(() => new Cluster("cluster", { kubeconfig, ...args }));
  const provider = "kubernetes cluster-provider";

  it("creates a provider and nothing else", async () => {
    const { made, result } = await cluster();
    assert.deepEqual(made.ids, ["Cluster cluster", provider]);
    assertChildrenAreNamed(made);
    assert.ok(k8s.Provider.isInstance(result.provider));
    assert.equal(made.input(provider, "kubeconfig"), kubeconfig);
  });

  it("keeps the kubeconfig as a secret, wherever it is", async () => {
    const { made, result } = await cluster();
    assert.equal(await pulumi.isSecret(result.kubeconfig), true);
    const { kubeconfig: ofProvider } = result.provider as unknown as { kubeconfig: pulumi.Output<string> };
    assert.equal(await pulumi.isSecret(ofProvider), true);
    assert.equal(await valueOf(result.kubeconfig), kubeconfig);
    assert.equal(made.get(provider).visibleInputs["kubeconfig"], hidden);
    assert.deepEqual(made.get("Cluster cluster").inputs, {});
    assert.deepEqual(made.get("Cluster cluster").visibleOutputs, { kubeconfig: hidden });
    assert.deepEqual(made.showing(kubeconfig), []);
  });

  const identifiers: [string, Partial<ClusterArgs>, string][] = [
    ["by project and stack", {}, "faasmesh/test"],
    ["the same way with other credentials", { kubeconfig: "another one" }, "faasmesh/test"],
    ["the same way with credentials to come", { kubeconfig: pulumi.output("later") }, "faasmesh/test"],
    ["as it is told", { identifier: "cluster-a" }, "cluster-a"],
  ];
  for (const [title, args, identifier] of identifiers) {
    it(`is told from others ${title}: new credentials replace nothing`, async () => {
      const { made } = await cluster(args);
      assert.equal(made.get(provider).visibleInputs["clusterIdentifier"], identifier);
    });
  }

  it("is not slowed by the client's limits", async () => {
    const { made } = await cluster();
    assert.deepEqual(JSON.parse(made.input(provider, "kubeClientSettings") as string), {
      qps: 200,
      burst: 400,
    });
  });
});

describe("readKubeconfig", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "kubeconfig-"))));
  after(() => rmSync(folder, { recursive: true }));

  const named = (name: string, what: string, value: object) => ({ name, [what]: value });
  const server = "https://127.0.0.1:6443";
  const content = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "one",
    preferences: {},
    contexts: [
      named("one", "context", { cluster: "cluster-1", user: "user-1", namespace: "apps" }),
      named("two", "context", { cluster: "cluster-2", user: "user-2" }),
      named("no-cluster", "context", { cluster: "gone", user: "user-1" }),
      named("no-user", "context", { cluster: "cluster-1", user: "gone" }),
    ],
    clusters: [
      named("cluster-1", "cluster", { server, "certificate-authority": "ca.crt" }),
      named("cluster-2", "cluster", {
        server,
        "certificate-authority-data": "Q0E=",
        "tls-server-name": "api",
      }),
    ],
    users: [
      named("user-1", "user", { "client-certificate": "client.crt", "client-key": "keys/client.key" }),
      named("user-2", "user", { token: "a-token", exec: { command: "login", args: ["--quiet"] } }),
    ],
  };

  function write(value: unknown, name = "config"): string {
    const file = join(folder, name);
    writeFileSync(file, typeof value === "string" ? value : stringify(value));
    return file;
  }
  function writeFiles(): Record<string, string> {
    const files = {
      "ca.crt": "the authority\n",
      "client.crt": "the certificate\n",
      "client.key": "the key\n",
    };
    for (const [name, text] of Object.entries(files)) write(text, name);
    return Object.fromEntries(
      Object.entries(files).map(([name, text]) => [name, Buffer.from(text).toString("base64")]),
    );
  }
  const read = (file: string, context?: string): unknown => parse(readKubeconfig(file, context));

  it("keeps the current context alone, with its files inlined", () => {
    const inlined = writeFiles();
    const users = [
      named("user-1", "user", { "client-certificate": "client.crt", "client-key": "./client.key" }),
    ];
    assert.deepEqual(read(write({ ...content, users })), {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "one",
      contexts: [content.contexts[0]],
      clusters: [named("cluster-1", "cluster", { server, "certificate-authority-data": inlined["ca.crt"] })],
      users: [
        named("user-1", "user", {
          "client-certificate-data": inlined["client.crt"],
          "client-key-data": inlined["client.key"],
        }),
      ],
    });
  });

  it("keeps another context when told, with what is inline already as it is", () => {
    assert.deepEqual(read(write(content), "two"), {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "two",
      contexts: [content.contexts[1]],
      clusters: [content.clusters[1]],
      users: [content.users[1]],
    });
  });

  it("finds files by their full path, and relative to the kubeconfig, not to the working folder", () => {
    const inlined = writeFiles();
    const users = [named("user-1", "user", { "client-key": join(folder, "client.key") })];
    const relativeFile = relative(process.cwd(), write({ ...content, users }));
    const found = read(relativeFile) as { users: { user: object }[]; clusters: { cluster: object }[] };
    assert.deepEqual(found.users[0]?.user, { "client-key-data": inlined["client.key"] });
    assert.deepEqual(found.clusters[0]?.cluster, { server, "certificate-authority-data": inlined["ca.crt"] });
  });

  describe("reports what is wrong", () => {
    const contexts = "one, two, no-cluster, no-user";
    const table: [string, unknown, string | undefined, string][] = [
      ["an unknown context", content, "thre", `FILE has no context "thre"; use one of: ${contexts}.`],
      [
        "no current context",
        { ...content, "current-context": "" },
        undefined,
        `FILE has no current context; set cluster.context to one of: ${contexts}.`,
      ],
      [
        "a current context that is not there",
        { ...content, "current-context": "gone" },
        undefined,
        `FILE has no context "gone"; use one of: ${contexts}.`,
      ],
      [
        "no contexts at all",
        { apiVersion: "v1", kind: "Config" },
        "one",
        'FILE has no context "one"; use one of: (the file has none).',
      ],
      [
        "contexts that are no list",
        { apiVersion: "v1", kind: "Config", contexts: {} },
        "one",
        "FILE is not a kubeconfig: Invalid input: expected array, received object → at contexts",
      ],
      ["a missing cluster", content, "no-cluster", 'FILE has no cluster "gone".'],
      [
        "a missing user",
        { ...content, clusters: [content.clusters[1], named("cluster-1", "cluster", { server })] },
        "no-user",
        'FILE has no user "gone".',
      ],
      [
        "lists that kubectl has emptied",
        { apiVersion: "v1", kind: "Config", contexts: null, clusters: null, users: null },
        undefined,
        "FILE has no current context; set cluster.context to one of: (the file has none).",
      ],
      ...["127.0.0.1:6443", 7, undefined].map((wrong): [string, object, string | undefined, string] => [
        `the server ${wrong}`,
        {
          ...content,
          clusters: content.clusters.map(({ name }) => named(name, "cluster", { server: wrong })),
        },
        undefined,
        `FILE, cluster "cluster-1": server is ${wrong === undefined ? "missing" : JSON.stringify(wrong)}, expected a URL such ` +
          "as https://10.0.0.1:6443; correct it.",
      ]),
      [
        "an empty file",
        "",
        undefined,
        "FILE is not a kubeconfig: Invalid input: expected object, received undefined",
      ],
      [
        "a text",
        "hello",
        undefined,
        "FILE is not a kubeconfig: Invalid input: expected object, received string",
      ],
    ];
    for (const [title, value, context, message] of table) {
      it(`of ${title}`, () => {
        const file = write(value);
        assert.throws(() => readKubeconfig(file, context), new UserError(message.replace("FILE", file)));
      });
    }

    it("of YAML that cannot be read", () => {
      const file = write("clusters: [");
      assert.throws(
        () => readKubeconfig(file),
        (error: unknown) => {
          assert.ok(error instanceof UserError);
          assert.ok(error.message.startsWith(`${file} is not a kubeconfig: `), error.message);
          return true;
        },
      );
    });

    it("of a missing file; ~ is the home folder", () => {
      const fix = "does not exist; set cluster.kubeconfig to the file of your cluster, or set KUBECONFIG.";
      for (const [path, shown] of [
        [join(folder, "gone"), join(folder, "gone")],
        ["~/no/such/kubeconfig", join(homedir(), "no/such/kubeconfig")],
      ] as const)
        assert.throws(() => readKubeconfig(path), new UserError(`The kubeconfig ${shown} ${fix}`));
    });
  });
});

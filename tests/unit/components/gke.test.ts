import { strict as assert } from "node:assert";
import { parse } from "yaml";
import { type GkeArgs, GkeCluster } from "../../../components/gke-cluster/index";
import { regionOf } from "../../../components/gke-cluster/args";
import { UserError } from "../../../errors";
import { assertChildrenAreNamed, hidden, type OwnMocks, run, valueOf } from "./mocks";

const minimal: GkeArgs = {
  project: "my-project",
  location: "europe-west3-a",
  clusterName: "demo",
  adminCidrs: ["203.0.113.7/32"],
  deletionProtection: true,
};
const mocks: OwnMocks = {
  outputs: {
    "gcp:compute/network:Network": () => ({}),
    "gcp:compute/subnetwork:Subnetwork": () => ({}),
    "gcp:compute/router:Router": () => ({}),
    "gcp:compute/routerNat:RouterNat": () => ({}),
    "gcp:compute/firewall:Firewall": () => ({}),
    "gcp:serviceaccount/account:Account": () => ({ email: "demo-nodes@my-project.iam.gserviceaccount.com" }),
    "gcp:projects/iAMMember:IAMMember": () => ({}),
    "gcp:container/cluster:Cluster": () => ({
      endpoint: "192.0.2.1",
      masterAuth: { clusterCaCertificate: "Q0E=" },
    }),
    "gcp:container/nodePool:NodePool": () => ({}),
  },
  calls: {
    "gcp:organizations/getClientOpenIdUserInfo:getClientOpenIdUserInfo": { email: "me@example.com", id: "1" },
  },
};
const cluster = (args: Partial<GkeArgs> = {}) =>
  run(() => new GkeCluster("cluster", { ...minimal, ...args }), mocks);

describe("GkeCluster", () => {
  const gke = "Cluster cluster-gke";
  const pool = "NodePool cluster-pool";
  const always = [
    "Account cluster-nodes",
    gke,
    "Firewall cluster-webhooks",
    "GkeCluster cluster",
    "IAMMember cluster-nodes-defaultNodeServiceAccount",
    "Network cluster-network",
    pool,
    "Router cluster-router",
    "RouterNat cluster-nat",
    "Subnetwork cluster-subnetwork",
    "kubernetes cluster-provider",
  ];

  it("creates a network, a cluster and its nodes, and nothing else", async () => {
    const { made } = await cluster();
    assert.deepEqual(made.ids, always);
    assertChildrenAreNamed(made);
  });

  it("binds the account that runs it only when asked", async () => {
    const { made, result } = await cluster({ bindAdmin: true });
    assert.deepEqual(made.ids, [...always, "ClusterRoleBinding cluster-admin"].sort());
    assert.equal(made.input("ClusterRoleBinding cluster-admin", "subjects.0.name"), "me@example.com");
    assert.equal(result.ready.length, 1);
    assert.match(made.get("ClusterRoleBinding cluster-admin").provider, /cluster-provider/);
  });

  const inputs: [string, Partial<GkeArgs>, string, string, unknown][] = [
    ["keeps nodes private", {}, gke, "privateClusterConfig.enablePrivateNodes", true],
    ["lets the admin in from outside", {}, gke, "privateClusterConfig.enablePrivateEndpoint", false],
    [
      "lets only the admin in",
      {},
      gke,
      "masterAuthorizedNetworksConfig.cidrBlocks",
      [{ cidrBlock: "203.0.113.7/32" }],
    ],
    [
      "keeps Google's own addresses out",
      {},
      gke,
      "masterAuthorizedNetworksConfig.gcpPublicCidrsAccessEnabled",
      false,
    ],
    ["protects from deletion when told", {}, gke, "deletionProtection", true],
    ["allows deletion when told", { deletionProtection: false }, gke, "deletionProtection", false],
    ["removes the pool that cannot be configured", {}, gke, "removeDefaultNodePool", true],
    ["takes the regular channel", {}, gke, "releaseChannel.channel", "REGULAR"],
    ["takes another channel", { releaseChannel: "STABLE" }, gke, "releaseChannel.channel", "STABLE"],
    ["has no least version by itself", {}, gke, "minMasterVersion", undefined],
    ["takes a least version", { minVersion: "1.35" }, gke, "minMasterVersion", "1.35"],
    [
      "gives pods identities of their own",
      {},
      gke,
      "workloadIdentityConfig.workloadPool",
      "my-project.svc.id.goog",
    ],
    [
      "keeps the nodes' identity from pods",
      {},
      pool,
      "nodeConfig.workloadMetadataConfig.mode",
      "GKE_METADATA",
    ],
    ["leaves the Gateway API to others", {}, gke, "gatewayApiConfig.channel", "CHANNEL_DISABLED"],
    [
      "brings the Gateway API when told",
      { gatewayApi: true },
      gke,
      "gatewayApiConfig.channel",
      "CHANNEL_STANDARD",
    ],
    ["scales", { nodes: { min: 2, max: 7 } }, pool, "autoscaling", { minNodeCount: 2, maxNodeCount: 7 }],
    [
      "lets the control plane call webhooks",
      {},
      "Firewall cluster-webhooks",
      "allows",
      [{ protocol: "tcp", ports: ["8443", "8089", "9443"] }],
    ],
    ["lets no one else call them", {}, "Firewall cluster-webhooks", "sourceRanges", ["172.16.0.0/28"]],
    ["lets them call nodes alone", {}, "Firewall cluster-webhooks", "targetTags", ["demo-node"]],
    [
      "boots nodes from what Google signed",
      {},
      pool,
      "nodeConfig.shieldedInstanceConfig.enableSecureBoot",
      true,
    ],
    ["asks nodes to prove what they are", {}, gke, "enableShieldedNodes", true],
    [
      "gives Pods and Services the ranges of its network",
      {},
      gke,
      "ipAllocationPolicy",
      { clusterSecondaryRangeName: "pods", servicesSecondaryRangeName: "services" },
    ],
    [
      "has those ranges",
      { ranges: { services: "34.118.224.0/20" } },
      "Subnetwork cluster-subnetwork",
      "secondaryIpRanges",
      [
        { rangeName: "pods", ipCidrRange: "10.68.0.0/14" },
        { rangeName: "services", ipCidrRange: "34.118.224.0/20" },
      ],
    ],
    [
      "closes the old metadata endpoints",
      {},
      pool,
      "nodeConfig.metadata",
      { "disable-legacy-endpoints": "true" },
    ],
    ["is of no lab by itself", {}, gke, "resourceLabels", { "managed-by": "faasmesh" }],
    [
      "tells of the lab that it is for",
      { sandbox: { lab: "alice", expires: "2027-03-01T18:00:00Z" } },
      gke,
      "resourceLabels",
      { "managed-by": "faasmesh", lab: "alice", expires: "2027-03-01t18-00-00z" },
    ],
    [
      "gives nodes their machine",
      { machineType: "n2-standard-8" },
      pool,
      "nodeConfig.machineType",
      "n2-standard-8",
    ],
    ["gives nodes their disk", { diskSizeGb: 120 }, pool, "nodeConfig.diskSizeGb", 120],
    [
      "gives nodes their range",
      { ranges: { nodes: "10.1.0.0/20" } },
      "Subnetwork cluster-subnetwork",
      "ipCidrRange",
      "10.1.0.0/20",
    ],
    [
      "gives the control plane its range",
      { ranges: { controlPlane: "172.20.0.0/28" } },
      gke,
      "privateClusterConfig.masterIpv4CidrBlock",
      "172.20.0.0/28",
    ],
    ["is where it was requested", { location: "us-east1" }, gke, "location", "us-east1"],
    ["is in the project that was requested", { project: "other-project" }, gke, "project", "other-project"],
    ["tags nodes so", {}, pool, "nodeConfig.tags", ["demo-node"]],
    ["has a region's network for a zone", {}, "Subnetwork cluster-subnetwork", "region", "europe-west3"],
  ];
  for (const [title, args, id, path, expected] of inputs) {
    it(title, async () => {
      const { made } = await cluster(args);
      assert.deepEqual(made.input(id, path), expected);
    });
  }

  it("gives nodes an account of their own that may do the least", async () => {
    const { made } = await cluster();
    const email = "demo-nodes@my-project.iam.gserviceaccount.com";
    assert.equal(made.input(pool, "nodeConfig.serviceAccount"), email);
    assert.equal(made.input(gke, "nodeConfig.serviceAccount"), email);
    assert.deepEqual(
      made.ofKind("IAMMember").map(({ inputs: { role, member } }) => [role, member]),
      [["roles/container.defaultNodeServiceAccount", `serviceAccount:${email}`]],
    );
  });

  it("creates nodes after the way out, and lets nothing onto the cluster before nodes and firewall", async () => {
    const { made } = await cluster();
    assert.ok(made.get(pool).dependsOn.includes("RouterNat cluster-nat"));
    for (const id of [pool, "Firewall cluster-webhooks", "RouterNat cluster-nat"])
      assert.ok(made.get("kubernetes cluster-provider").dependsOn.includes(id), id);
  });

  it("forgets what is only for the pool that is gone", async () => {
    const { made } = await cluster();
    assert.deepEqual(made.get(gke).ignoreChanges, ["nodeConfig", "initialNodeCount"]);
    assert.deepEqual(made.get(pool).ignoreChanges, ["initialNodeCount"]);
  });

  it("is gone before another of its name comes", async () => {
    const { made } = await cluster();
    assert.equal(made.get(gke).deleteBeforeReplace, true);
  });

  it("reports what it can do, with the ranges that Linkerd must know", async () => {
    const { result } = await cluster({ ranges: { services: "34.118.224.0/20" } });
    assert.deepEqual(result.capabilities, {
      loadBalancer: true,
      gatewayApi: false,
      serviceCidr: "34.118.224.0/20",
      networks: ["10.64.0.0/20", "10.68.0.0/14", "34.118.224.0/20"],
    });
  });

  it("gives a kubeconfig without a credential", async () => {
    const { result, made } = await cluster();
    assert.equal(made.get("kubernetes cluster-provider").visibleInputs["kubeconfig"], hidden);
    const config = parse(await valueOf(result.kubeconfig)) as {
      clusters: { cluster: object }[];
      users: { user: { exec: { command: string } } }[];
    };
    const server = { server: "https://192.0.2.1", "certificate-authority-data": "Q0E=" };
    assert.deepEqual(config.clusters[0]?.cluster, server);
    assert.equal(config.users[0]?.user.exec.command, "gke-gcloud-auth-plugin");
  });

  const refused: [Partial<GkeArgs>, RegExp][] = [
    [{ clusterName: "a".repeat(25) }, /clusterName: got "a+", expected at most 24/],
    [{ clusterName: "1st" }, /clusterName: got "1st", expected at most 24/],
    [{ adminCidrs: [] }, /adminCidrs: got \[\], expected at least one range/],
    [{ adminCidrs: ["0.0.0.0/0"] }, /adminCidrs: .*expected ranges that are not the whole internet/],
    [{ adminCidrs: ["192.0.2.1"] }, /adminCidrs: got "192\.0\.2\.1", expected a range in CIDR notation/],
    [{ ranges: { pods: "x" } }, /ranges\.pods: got "x", expected a range in CIDR notation/],
    [{ nodes: { min: 3, max: 2 } }, /nodes: got {"min":3,"max":2}, expected min at most max/],
    [
      { ranges: { services: "10.68.128.0/20" } },
      /ranges\.services: .*does not overlap pods, 10\.68\.0\.0\/14/,
    ],
    [{ ranges: { controlPlane: "172.16.0.0/24" } }, /ranges\.controlPlane: .*a \/28 range/],
  ];
  for (const [args, message] of refused) {
    it(`rejects ${JSON.stringify(args)} before anything is created`, async () => {
      const { made } = await run(() => {
        assert.throws(
          () => new GkeCluster("cluster", { ...minimal, ...args }),
          (error) => error instanceof UserError && message.test(error.message),
        );
      }, mocks);
      assert.deepEqual(made.ids, []);
    });
  }

  it("derives the region from a location", () => {
    assert.deepEqual(["europe-west3", "europe-west3-a", "us-east1-b"].map(regionOf), [
      "europe-west3",
      "europe-west3",
      "us-east1",
    ]);
  });
});

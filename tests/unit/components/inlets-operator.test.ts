import { strict as assert } from "node:assert";
import { InletsOperator, type InletsCloud } from "../../../components/inlets-operator";
import * as versions from "../../../versions";
import { assertChildrenAreNamed, charts, hidden, run } from "./mocks";

const token = "a-token-of-the-cloud";
const license = "a.licence.key";
const secretKey = "a-secret-key-of-the-cloud";
const inlets = (cloud: InletsCloud, plan?: string) =>
  run(() => new InletsOperator("inlets", { charts, token, license, ...(plan && { plan }), ...cloud }));
const digitalocean = { provider: "digitalocean", region: "lon1" } as const;

const core = [
  "InletsOperator inlets",
  "Namespace inlets-namespace",
  "Release inlets-crds",
  "Release inlets-operator",
  "Secret inlets-access-key",
  "Secret inlets-license",
];
const withKey = [...core, "Secret inlets-secret-key"].sort();
const secretKeyFile = "/var/secrets/inlets/secret/inlets-secret-key";

describe("InletsOperator", () => {
  const table: [InletsCloud, string[], object][] = [
    [digitalocean, core, digitalocean],
    [{ provider: "hetzner", region: "fsn1" }, core, { provider: "hetzner", region: "fsn1" }],
    [{ provider: "linode", region: "eu-west" }, core, { provider: "linode", region: "eu-west" }],
    [
      { provider: "azure", region: "uksouth", subscriptionId: "s" },
      core,
      { provider: "azure", region: "uksouth", subscriptionID: "s" },
    ],
    [
      { provider: "ec2", region: "eu-west-1", secretKey },
      withKey,
      { provider: "ec2", region: "eu-west-1", secretKeyFile },
    ],
    [
      { provider: "ec2", region: "eu-west-1", secretKey, vpcId: "vpc-1", subnetId: "subnet-1" },
      withKey,
      { provider: "ec2", region: "eu-west-1", secretKeyFile, vpcId: "vpc-1", subnetId: "subnet-1" },
    ],
    [
      { provider: "gce", zone: "us-central1-a", projectId: "p" },
      core,
      { provider: "gce", region: "", zone: "us-central1-a", projectID: "p" },
    ],
    [
      { provider: "scaleway", region: "fr-par-1", secretKey, organizationId: "o" },
      withKey,
      { provider: "scaleway", region: "fr-par-1", secretKeyFile, organizationID: "o" },
    ],
  ];
  for (const [cloud, ids, values] of table) {
    it(`is this on ${JSON.stringify(cloud)}`, async () => {
      const { made } = await inlets(cloud);
      assert.deepEqual(made.ids, ids);
      assert.deepEqual(made.input("Release inlets-operator", "values"), values);
      assertChildrenAreNamed(made);
    });
  }

  it("takes the size of the servers", async () => {
    const { made } = await inlets(digitalocean, "s-2vcpu-2gb");
    assert.equal(made.input("Release inlets-operator", "values.plan"), "s-2vcpu-2gb");
  });

  it("has the Secrets that the operator reads, in its namespace, and no value in plain text", async () => {
    const { made } = await inlets({
      provider: "scaleway",
      region: "fr-par-1",
      secretKey,
      organizationId: "o",
    });
    const secrets: [string, string, string][] = [
      ["license", "license", license],
      ["access-key", "inlets-access-key", token],
      ["secret-key", "inlets-secret-key", secretKey],
    ];
    for (const [id, key, value] of secrets) {
      const { inputs, visibleInputs } = made.get(`Secret inlets-${id}`);
      assert.deepEqual(inputs["metadata"], { name: `inlets-${id}`, namespace: "inlets" });
      assert.deepEqual(inputs["stringData"], { [key]: value });
      assert.deepEqual(visibleInputs["stringData"], hidden);
      assert.deepEqual(made.showing(value), []);
    }
  });

  it("is the catalogue's, without the definitions that Helm would never remove", async () => {
    const { made } = await inlets(digitalocean);
    const operator = made.get("Release inlets-operator");
    const { version } = versions.charts["inlets-operator"];
    assert.equal(operator.inputs["chart"], `./.charts/inlets-operator-${version}`);
    assert.equal(operator.inputs["skipCrds"], true);
    for (const id of ["Release inlets-crds", "Secret inlets-access-key", "Secret inlets-license"])
      assert.ok(operator.dependsOn.includes(id), id);
    const definition = made.get("Release inlets-crds").inputs;
    const { version: pinned } = versions.manifests["inlets-operator-crds"];
    assert.equal(definition["chart"], `./.charts/inlets-operator-crds-${pinned}`);
    assert.deepEqual([definition["namespace"], operator.inputs["namespace"]], ["inlets", "inlets"]);
  });
});

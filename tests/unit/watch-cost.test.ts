import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import type { Estimate } from "../../costs/estimate";
import { watchCost } from "../../costs/watch";
import { run } from "./components/mocks";

const mocks = {
  outputs: {
    "pulumi:pulumi:Stack": () => ({}),
    "digitalocean:index/droplet:Droplet": () => ({}),
    "digitalocean:index/tag:Tag": () => ({}),
  },
};

class Part extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("faasmesh:test:Part", name, {}, opts);
  }
}

/** An object of DigitalOcean's, without its SDK, which takes seconds to load. */
class Thing extends pulumi.CustomResource {
  constructor(kind: string, name: string, properties: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super(`digitalocean:index/${kind.toLowerCase()}:${kind}`, name, properties, opts);
  }
}

class AddOns extends pulumi.ComponentResource {
  constructor(name: string) {
    super("faasmesh:cluster:DigitalOceanAddOns", name);
  }
}

class Release extends pulumi.CustomResource {
  constructor(name: string, properties: pulumi.Inputs) {
    super("kubernetes:helm.sh/v3:Release", name, properties);
  }
}

/** What a program costs, as its stack's output says. */
async function costOf(program: () => void): Promise<Estimate | undefined> {
  const { result } = await run(
    () =>
      pulumi.runtime.runInPulumiStack(() => {
        const cost = watchCost();
        program();
        return Promise.resolve(cost());
      }),
    mocks,
  );
  return (result as { cost?: Estimate } | undefined)?.cost;
}

describe("what a program costs", () => {
  it("is told by the component that is the stack's own, however deep the objects are", async () => {
    const cost = await costOf(() => {
      const outer = new Part("cluster");
      const inner = new Part("cluster-nodes", { parent: outer });
      new Thing("Droplet", "node", { size: "s-2vcpu-4gb" }, { parent: inner });
      new Thing("Droplet", "alone", { size: "s-4vcpu-8gb" });
    });
    assert.deepEqual(
      cost?.parts.map(({ component, perMonth }) => [component, perMonth]),
      [
        ["alone", 48],
        ["cluster", 24],
      ],
    );
  });

  it("takes no secret, and what is known only later for unknown", async () => {
    const cost = await costOf(() => {
      new Thing("Droplet", "b", {
        size: pulumi.secret("s-secret-size"),
        userData: pulumi.secret("a secret"),
      });
    });
    assert.deepEqual(
      cost?.unknown.map(({ what }) => what),
      ["Droplet of a size that is not known yet"],
    );
    assert.doesNotMatch(JSON.stringify(cost), /secret/);
  });

  it("finds what is known beside what is not, in the values of a chart", async () => {
    const cost = await costOf(() => {
      const cluster = new AddOns("cluster");
      const values = { token: pulumi.secret(cluster.urn), gateway: { serviceType: "LoadBalancer" } };
      new Release("openfaas-chart", { values });
    });
    assert.deepEqual(cost?.parts, [
      { component: "openfaas-chart", perHour: 0.0179, perMonth: 12, items: ["load balancer"] },
    ]);
  });

  it("is no output where nothing costs money", async () => {
    assert.equal(
      await costOf(() => {
        new Thing("Tag", "tag", { name: "free" }, { parent: new Part("cluster") });
      }),
      undefined,
    );
  });
});

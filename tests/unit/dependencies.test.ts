import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { type Dependency, DependencyObserver } from "../../cli/plan/dependencies";
import { run } from "./components/mocks";

class Part extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("faasmesh:test:Part", name, {}, opts);
  }
}

class Thing extends pulumi.CustomResource {
  constructor(name: string, properties: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super("kubernetes:test:Thing", name, properties, opts);
  }
}

class Provider extends pulumi.ProviderResource {
  constructor(name: string, opts?: pulumi.ResourceOptions) {
    super("test", name, {}, opts);
  }
}

const mocks = {
  outputs: { "pulumi:pulumi:Stack": () => ({}), "pulumi:providers:test": () => ({}) },
};

/** What a program's components wait for: `a → b` where all of b waits for a, `a ⇢ b` where some of it does. */
async function dependenciesOf(program: () => void): Promise<string[]> {
  const watch = new DependencyObserver();
  let found: readonly Dependency[] = [];
  await run(
    () =>
      pulumi.runtime.runInPulumiStack(async () => {
        pulumi.runtime.registerStackTransformation((resource) => {
          const { name, props } = resource;
          watch.observe(
            resource,
            pulumi.runtime.serializeResourceProperties(name, props).then(([, used]) => used),
          );
          return undefined;
        });
        program();
        found = await watch.dependencies("test");
        return {};
      }),
    mocks,
  );
  return found.map(({ first, then, waits }) => `${first} ${waits === "all" ? "→" : "⇢"} ${then}`);
}

describe("what components wait for", () => {
  it("is what they and their objects say, also later, and what properties are taken from", async () => {
    const found = await dependenciesOf(() => {
      const first = new Part("first");
      const object = new Thing("object", {}, { parent: first });
      const then = new Part("then", { dependsOn: [object] });
      const later = Promise.resolve([then]);
      new Thing("waiting", {}, { parent: new Part("other"), dependsOn: later });
      new Thing(
        "using",
        { id: object.id, text: pulumi.interpolate`${object.urn}` },
        { parent: new Part("user") },
      );
      new Thing("own", { text: object.urn }, { parent: first });
    });
    assert.deepEqual(found, ["first → then", "first ⇢ user", "then ⇢ other"]);
  });

  it("is the component that creates their provider, and nothing where the provider is the stack's own", async () => {
    const found = await dependenciesOf(() => {
      const cluster = new Part("cluster");
      new Part("on-it", { providers: [new Provider("of-cluster", { parent: cluster })] });
      new Part("elsewhere", { providers: [new Provider("of-stack")] });
    });
    assert.deepEqual(found, ["cluster → on-it"]);
  });

  it("is what is in no component, under one name", async () => {
    const found = await dependenciesOf(() => {
      const loose = new Thing("loose", {});
      new Part("a", { dependsOn: loose });
      new Thing("alone", {}, { dependsOn: new Part("b") });
    });
    assert.deepEqual(found, ["b ⇢ shared", "shared → a"]);
  });
});

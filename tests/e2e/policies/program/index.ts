import * as pulumi from "@pulumi/pulumi";
import { type Declared, fixtures } from "../fixtures";

const config = new pulumi.Config();
const which = config.require("which") === "failing" ? "failing" : "passing";
const folder = config.require("folder");

/** Renders objects into files: no rule needs a cluster. */
class Kubernetes extends pulumi.ProviderResource {
  constructor() {
    super("kubernetes", "kubernetes", { renderYamlToDirectory: folder });
  }
}

class Resource extends pulumi.CustomResource {}

const inputs = ({ properties }: Declared): pulumi.Inputs => marked(properties) as pulumi.Inputs;

/** With secrets where a fixture says so. */
function marked(value: unknown): unknown {
  if (value === "[secret]") return pulumi.secret("what nobody may see");
  if (Array.isArray(value)) return (value as unknown[]).map(marked);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, marked(each)]));
}

const kubernetes = new Kubernetes();
for (const declared of Object.values(fixtures).flatMap((each) => each[which])) {
  const isKubernetes = declared.type.startsWith("kubernetes:");
  new Resource(declared.type, declared.name, inputs(declared), isKubernetes ? { provider: kubernetes } : {});
}

import { z } from "zod";
import { advice } from "./fields";

const text = (description: string, expected: string, example: string) =>
  z.string().regex(/^\S+$/).meta({ description, expected, example });
const secret = (description: string, expected: string, example: string) =>
  z
    .string()
    .min(1)
    .meta({ description, expected: `${expected}, as a secret`, example, secret: true });

const clouds = ["digitalocean", "hetzner", "linode", "azure", "ec2", "gce", "scaleway"] as const;
const oneOfThem = `one of: ${clouds.join(", ")}`;

const cloud = <const K extends (typeof clouds)[number]>(value: K) =>
  z.literal(value).meta({
    description: "The cloud in which each Service of type LoadBalancer gets a tunnel server.",
    expected: oneOfThem,
    example: "digitalocean",
  });

/** The forms that the operator takes: a token with two dots or more, or four groups with dashes between. */
const isLicense = (key: string): boolean => key.split(".").length > 2 || key.split("-").length === 4;

const license = z
  .string()
  .superRefine((key, context) => {
    if (isLicense(key)) return;
    context.addIssue({
      code: "custom",
      params: { got: "a text of another form (not shown)" },
      message: advice(
        "a licence key of inlets, as a secret: a token with dots, or four groups with dashes",
        "license: eyJhbGciOi….eyJpc3Mi….c2ln…",
      ),
    });
  })
  .meta({
    description: "The licence key, which inlets.dev sells.",
    expected: "a licence key of inlets, as a secret",
    example: "eyJhbGciOi….eyJpc3Mi….c2ln…",
    secret: true,
  });

const common = {
  token: secret(
    "The cloud's token or access key; of `azure` and `gce` the content of the service account's key file.",
    "a token",
    "dop_v1_…",
  ),
  license,
  plan: text("The size of the tunnel servers.", "the name of a size at the cloud", "s-1vcpu-1gb")
    .meta({ defaultText: "the cloud's smallest" })
    .optional(),
};

const region = text("The cloud's region.", "the name of a region", "lon1");
const secretKey = secret("The secret key that belongs to the access key.", "a key", "wJalrXUtn…");
const id = (description: string, example: string) => text(description, "an id", example);

/** The inlets-operator, the key `faasmesh:ingress.inlets`. */
export const inletsSchema = z
  .discriminatedUnion("provider", [
    z.strictObject({ provider: cloud("digitalocean"), region, ...common }),
    z.strictObject({ provider: cloud("hetzner"), region, ...common }),
    z.strictObject({ provider: cloud("linode"), region, ...common }),
    z.strictObject({
      provider: cloud("azure"),
      region,
      subscriptionId: id("The subscription.", "0b1f6471-…"),
      ...common,
    }),
    z.strictObject({
      provider: cloud("ec2"),
      region,
      secretKey,
      vpcId: id("The network of the tunnel servers.", "vpc-0a1b2c")
        .meta({ defaultText: "the default" })
        .optional(),
      subnetId: id("Their subnet.", "subnet-0a1b2c").meta({ defaultText: "the default" }).optional(),
      ...common,
    }),
    z.strictObject({
      provider: cloud("gce"),
      zone: text("The zone.", "the name of a zone", "us-central1-a"),
      projectId: id("The project.", "my-project"),
      ...common,
    }),
    z.strictObject({
      provider: cloud("scaleway"),
      region,
      secretKey,
      organizationId: id("The organisation.", "105bdce1-…"),
      ...common,
    }),
  ])
  .meta({
    description:
      "The inlets-operator, which gives addresses to Services of type LoadBalancer where the cluster does not: each is a server in a cloud, which costs.",
    expected: `an object with the key provider, ${oneOfThem}`,
    example: { provider: "digitalocean", region: "lon1", token: "dop_v1_…", license: "eyJhbGciOi…" },
    defaultText: "none",
  });

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
const cloudsExpected = `one of: ${clouds.join(", ")}`;

const cloud = <const K extends (typeof clouds)[number]>(value: K) =>
  z.literal(value).meta({
    description: "The cloud in which a tunnel server is created for each Service of type LoadBalancer.",
    expected: cloudsExpected,
    example: "digitalocean",
  });

/** The formats that the operator accepts: a token with at least two dots, or four groups separated by dashes. */
const isLicense = (key: string): boolean => key.split(".").length > 2 || key.split("-").length === 4;

const license = z
  .string()
  .superRefine((key, context) => {
    if (isLicense(key)) return;
    context.addIssue({
      code: "custom",
      params: { got: "text in another format (not shown)" },
      message: advice(
        "a licence key of inlets, as a secret: a token with dots, or four groups separated by dashes",
        "license: eyJhbGciOi….eyJpc3Mi….c2ln…",
      ),
    });
  })
  .meta({
    description: "The licence key of inlets, https://inlets.dev.",
    expected: "a licence key of inlets, as a secret",
    example: "eyJhbGciOi….eyJpc3Mi….c2ln…",
    secret: true,
  });

const common = {
  token: secret(
    "The token or access key of the cloud; for `azure` and `gce` the content of the service account's key file.",
    "a token",
    "dop_v1_…",
  ),
  license,
  plan: text("The size of the tunnel servers.", "a size of the cloud", "s-1vcpu-1gb")
    .meta({ defaultText: "the smallest size of the cloud" })
    .optional(),
};

const region = text("The region of the tunnel servers.", "the name of a region", "lon1");
const secretKey = secret("The secret key of the access key in `token`.", "a key", "wJalrXUtn…");
const id = (description: string, example: string) => text(description, "an ID", example);

/** The inlets-operator, the key `faasmesh:ingress.inlets`. */
export const inletsSchema = z
  .discriminatedUnion("provider", [
    z.strictObject({ provider: cloud("digitalocean"), region, ...common }),
    z.strictObject({ provider: cloud("hetzner"), region, ...common }),
    z.strictObject({ provider: cloud("linode"), region, ...common }),
    z.strictObject({
      provider: cloud("azure"),
      region,
      subscriptionId: id("The ID of the subscription.", "0b1f6471-…"),
      ...common,
    }),
    z.strictObject({
      provider: cloud("ec2"),
      region,
      secretKey,
      vpcId: id("The ID of the VPC of the tunnel servers.", "vpc-0a1b2c")
        .meta({ defaultText: "the account's default VPC" })
        .optional(),
      subnetId: id("The ID of the subnet of the tunnel servers.", "subnet-0a1b2c")
        .meta({ defaultText: "the default subnet" })
        .optional(),
      ...common,
    }),
    z.strictObject({
      provider: cloud("gce"),
      zone: text("The zone of the tunnel servers.", "the name of a zone", "us-central1-a"),
      projectId: id("The ID of the Google Cloud project.", "my-project"),
      ...common,
    }),
    z.strictObject({
      provider: cloud("scaleway"),
      region,
      secretKey,
      organizationId: id("The ID of the organisation.", "105bdce1-…"),
      ...common,
    }),
  ])
  .meta({
    description:
      "The inlets-operator, which gives addresses to Services of type LoadBalancer on clusters without load balancers. It creates a server in a cloud for each, which costs money.",
    expected: `an object with the key provider, ${cloudsExpected}`,
    example: { provider: "digitalocean", region: "lon1", token: "dop_v1_…", license: "eyJhbGciOi…" },
    defaultText: "none",
  });

import { z } from "zod";
import { isRepository, isWebAddress, minimumMemory, seatNames } from "../../components/workshop-vm/args";
import { type DropletPrice, droplets, type DropletSize } from "../../costs/prices-digitalocean";
import { advice, always, choice, flag, wholeNumber } from "./fields";
import { instant, isCidr, isDnsLabel, isDnsName, rfc3339Of } from "../../validation/validators";

/** The context of defaults and checks. */
export interface WorkshopContext {
  /** The name of the Pulumi stack. */
  stack: string;
  /** The current time, which must be before the expiry. */
  now: Date;
}

/** The maximum number of seats. Numbered seats have two digits, so that adding seats does not rename others. */
const maxSeats = 99;
const seatExpected = "at most 30 lower-case letters, digits and '-', with a letter or digit at both ends";
const isSeatName = (name: unknown): name is string => typeof name === "string" && isDnsLabel(name, 30);

const seats = z
  .custom<number | string[]>((value) => typeof value === "number" || Array.isArray(value))
  .superRefine((value: unknown, context) => {
    const addIssue = (path: PropertyKey[], input: unknown, expected: string, example: string) =>
      context.addIssue({ code: "custom", path, input, message: advice(expected, example) });
    if (typeof value === "number") {
      if (!Number.isInteger(value) || value < 1 || value > maxSeats)
        addIssue([], value, `a whole number from 1 to ${maxSeats}, or a list of names`, "seats: 12");
      return;
    }
    if (!Array.isArray(value)) return;
    const names = value as unknown[];
    if (names.length < 1 || names.length > maxSeats)
      addIssue([], value, `from 1 to ${maxSeats} names`, "seats: [alice, bob]");
    names.forEach((name, index) => {
      if (!isSeatName(name)) addIssue([index], name, seatExpected, suggestedName(name));
      else if (names.indexOf(name) < index) addIssue([index], name, "a unique name", `${name}-2`);
    });
  })
  .meta({
    description: `The seats: their number, or their names; at most ${maxSeats}. With a number, the names are seat-01, seat-02 and so on.`,
    expected: "a whole number, or a list of names",
    example: ["alice", "bob", "carol"],
  });

/** Returns a valid name that is similar to an invalid one. */
function suggestedName(name: unknown): string {
  const suggestion = String(name)
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 30)
    .replace(/^-+|-+$/g, "");
  return suggestion || "alice";
}

const region = choice(
  ["ams3", "atl1", "blr1", "fra1", "lon1", "nyc1", "nyc2", "nyc3", "sfo2", "sfo3", "sgp1", "syd1", "tor1"],
  "The DigitalOcean region.",
);

const sizes = Object.keys(droplets) as [DropletSize, ...DropletSize[]];
const size = z.enum(sizes).meta({
  description: "The DigitalOcean size of each VM. With Linkerd and Knative, use at least `s-4vcpu-8gb`.",
  expected: `one of: ${sizes.join(", ")}`,
  example: "s-4vcpu-8gb",
});

const adminCidrs = z
  .array(
    z
      .string()
      .refine((range) => isCidr(range) && !range.endsWith("/0"))
      .meta({
        description: "A range that you connect from.",
        expected: "a range in CIDR notation that is not the whole internet",
        example: "203.0.113.7/32",
      }),
  )
  .min(1)
  .meta({
    description:
      "The ranges from which SSH and the API servers can be reached. They must include the machine that runs Pulumi. VS Code is open to the internet, protected by its password.",
    expected: "a list of ranges in CIDR notation, at least one",
    example: ["203.0.113.7/32"],
  });

const email = z
  .email()
  .meta({
    description: "The address for notices of Let's Encrypt.",
    expected: "an e-mail address",
    example: "you@example.com",
  })
  .optional();

const tlsKinds = ["sslip", "domain", "self-signed"] as const;
const tlsKind = <const K extends (typeof tlsKinds)[number]>(value: K) =>
  z.literal(value).meta({
    description: "The source of the VMs' names and certificates.",
    expected: `one of: ${tlsKinds.join(", ")}`,
    example: "sslip",
  });
const dnsName = (description: string, expected: string, example: string) =>
  z
    .string()
    .refine((name) => isDnsName(name) && name.includes("."))
    .meta({ description, expected, example });

const tls = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: tlsKind("sslip"), email }),
    z
      .strictObject({
        kind: tlsKind("domain"),
        domain: dnsName(
          "The domain. The names of VMs are `<seat>.<domain>`.",
          "a domain name",
          "workshop.example.com",
        ),
        zone: dnsName(
          "The DNS zone of DigitalOcean that contains `domain`, in which records for the VMs are created.",
          "the DNS zone of DigitalOcean that contains the domain",
          "example.com",
        ),
        email,
      })
      .superRefine(({ domain, zone }, context) => {
        if (typeof domain !== "string" || typeof zone !== "string") return;
        if (domain === zone || domain.endsWith(`.${zone}`)) return;
        context.addIssue({
          code: "custom",
          path: ["zone"],
          input: zone,
          message: advice(
            `the zone that contains ${domain}`,
            `zone: ${domain.split(".").slice(-2).join(".")}`,
          ),
        });
      }, always),
    z.strictObject({ kind: tlsKind("self-signed") }),
  ])
  .meta({
    description:
      "The hostnames of the VMs and the source of their certificates: `sslip`, names that contain the address, and Let's Encrypt; `domain`, names in your own DNS zone at DigitalOcean, and Let's Encrypt; `self-signed`, the address, with a self-signed certificate, for which browsers show a warning.",
    expected: `an object with the key kind, one of: ${tlsKinds.join(", ")}`,
    example: { kind: "domain", domain: "workshop.example.com", zone: "example.com" },
  });

const expiry = (now: Date) =>
  z
    .string()
    .refine((text) => (instant(text) ?? now) > now)
    .meta({
      description:
        "When the workshop ends. It is shown in the VMs' tags and on the handout. Nothing is deleted automatically.",
      expected: "a date and time with a time zone, in the future",
      example: "2027-03-01T18:00:00Z",
    })
    .transform((text) => rfc3339Of(instant(text) ?? now));

/** The keys of the software and files on each VM. */
const installed = {
  linkerd: flag("Whether to install Linkerd with viz. The CLI is always installed.").default(false),
  knative: flag("Whether to install Knative Serving with Kourier.").default(false),
  repository: z
    .string()
    .refine(isRepository)
    .meta({
      description: "A Git repository that is cloned into the folder that VS Code opens.",
      expected: "an https:// URL without a user or password",
      example: "https://github.com/openfaas/workshop.git",
    })
    .optional(),
  folder: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,60}$/)
    .meta({
      description: "The folder in the home directory that VS Code opens.",
      expected: "the name of a folder",
      example: "workshop",
    })
    .default("workshop"),
  mirror: z
    .string()
    .refine(isWebAddress)
    .meta({
      description:
        "A web server with the files that VMs download, at /<host>/<path>. Pinned checksums are still verified.",
      expected: "an http(s):// address",
      example: "https://mirror.example.com/vms",
    })
    .optional(),
};

/** The keys below `faasmesh:workshop`. */
function keys({ stack, now }: WorkshopContext) {
  return {
    name: z
      .string()
      .refine((name) => isDnsLabel(name, 30) && /^[a-z]/.test(name))
      .meta({
        description: "The name of the workshop, which is its tag and the prefix of its VMs' names.",
        expected: "at most 30 lower-case letters, digits and '-', beginning with a letter",
        example: "faasmesh-workshop",
        defaultText: "`faasmesh-<the name of the stack>`",
      })
      .prefault(`faasmesh-${stack}`),
    seats,
    region,
    size: size.default("s-2vcpu-4gb"),
    image: z
      .string()
      .regex(/^(ubuntu|debian)-\d+(-\d+)?-x64$/)
      .meta({
        description: "The image of new VMs.",
        expected: "a DigitalOcean image of Ubuntu or Debian, for x64",
        example: "ubuntu-24-04-x64",
      })
      .default("ubuntu-24-04-x64"),
    expires: expiry(now),
    adminCidrs,
    tls: tls.prefault({ kind: "sslip" }),
    ...installed,
    rebuilds: z
      .record(z.string(), wholeNumber(2, 1_000, "A new number recreates the VM of that seat.", 2))
      .meta({
        description:
          "The build numbers of seats whose VM was recreated. A new number recreates the VM, with the same address.",
        expected: "an object: names of seats, and for each a whole number of at least 2",
        example: { alice: 2 },
      })
      .default({}),
    readyMinutes: wholeNumber(
      5,
      120,
      "The time in which a VM must become ready, in minutes. After it, `up` fails.",
      20,
    ).default(20),
  };
}

type Checked = { size: string; linkerd: boolean; knative: boolean; seats: unknown; rebuilds: object };

/** Checks the rules between keys. */
function compare(workshop: unknown, context: z.core.$RefinementCtx): void {
  const { size: sizeName, linkerd, knative, seats: given, rebuilds } = workshop as Partial<Checked>;
  const add = (path: PropertyKey[], input: unknown, message: string) =>
    context.addIssue({ code: "custom", path, input, message });
  const memory = (droplets as Record<string, DropletPrice | undefined>)[sizeName ?? ""]?.memory;
  const minimum = minimumMemory({ linkerd: linkerd === true, knative: knative === true });
  if (memory !== undefined && memory < minimum)
    add(
      ["size"],
      sizeName,
      advice(
        `a size with at least ${minimum} GB, for the installed software`,
        `size: s-${minimum / 2}vcpu-${minimum}gb`,
      ),
    );
  if (typeof rebuilds !== "object" || rebuilds === null) return;
  const names: readonly string[] = isSeats(given) ? seatNames(given) : [];
  for (const name of Object.keys(rebuilds)) {
    if (names.includes(name)) continue;
    context.addIssue({
      code: "custom",
      path: ["rebuilds", name],
      params: { got: `the name "${name}"` },
      message: advice("the name of a seat", `rebuilds: { ${names[0] ?? "alice"}: 2 }`),
    });
  }
}

const isSeats = (value: unknown): value is number | string[] =>
  Array.isArray(value) || (typeof value === "number" && value >= 1 && value <= maxSeats);

/** The schema of all keys in the namespace `faasmesh`, for the stack of a workshop. */
export function workshopSchema(context: WorkshopContext) {
  return z.strictObject({
    stack: z
      .literal("workshop")
      .meta({ description: "The stack to create.", expected: "workshop", example: "workshop" }),
    workshop: z
      .strictObject(keys(context))
      .superRefine(compare, always)
      .meta({
        description: "A workshop with a VM for each seat.",
        example: {
          seats: ["alice", "bob"],
          region: "fra1",
          expires: "2027-03-01T18:00:00Z",
          adminCidrs: ["203.0.113.7/32"],
        },
      }),
  });
}

/** The configuration of a workshop, with its defaults. */
export type WorkshopConfig = z.output<ReturnType<typeof workshopSchema>> & {
  /** The key `digitalocean:token`; a secret. Default: none; the provider reads its environment variable. */
  readonly token?: string;
};

import { z } from "zod";
import { isRepository, isWebAddress, seatNames, smallestMemory } from "../../components/workshop-vm/args";
import { type DropletPrice, droplets, type DropletSize } from "../../costs/prices-digitalocean";
import { advice, always, choice, flag, wholeNumber } from "./fields";
import { instant, isCidr, isDnsLabel, isDnsName, rfc3339Of } from "../../validation/validators";

/** What defaults and checks are taken from, besides the schema. */
export interface WorkshopSurroundings {
  /** The Pulumi stack's name. */
  stack: string;
  /** The present, which the expiry must be after. */
  now: Date;
}

/** The most seats: the numbered ones have two digits, so that none is renamed when others come. */
const mostSeats = 99;
const seatExpected = "at most 30 lower-case letters, digits and '-', with a letter or digit at both ends";
const isSeatName = (name: unknown): name is string => typeof name === "string" && isDnsLabel(name, 30);

const seats = z
  .custom<number | string[]>((value) => typeof value === "number" || Array.isArray(value))
  .superRefine((value: unknown, context) => {
    const refuse = (path: PropertyKey[], input: unknown, expected: string, example: string) =>
      context.addIssue({ code: "custom", path, input, message: advice(expected, example) });
    if (typeof value === "number") {
      if (!Number.isInteger(value) || value < 1 || value > mostSeats)
        refuse([], value, `a whole number from 1 to ${mostSeats}, or a list of names`, "seats: 12");
      return;
    }
    if (!Array.isArray(value)) return;
    const names = value as unknown[];
    if (names.length < 1 || names.length > mostSeats)
      refuse([], value, `from 1 to ${mostSeats} names`, "seats: [alice, bob]");
    names.forEach((name, index) => {
      if (!isSeatName(name)) refuse([index], name, seatExpected, nearName(name));
      else if (names.indexOf(name) < index)
        refuse([index], name, "a name that no other seat has", `${name}-2`);
    });
  })
  .meta({
    description: `The seats: how many, or the names of those who sit there; ${mostSeats} at most. A number names them seat-01, seat-02 and so on.`,
    expected: "a whole number, or a list of names",
    example: ["alice", "bob", "carol"],
  });

/** A name that a person most likely would take for it. */
function nearName(name: unknown): string {
  const near = String(name)
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 30)
    .replace(/^-+|-+$/g, "");
  return near || "alice";
}

const region = choice(
  ["ams3", "atl1", "blr1", "fra1", "lon1", "nyc1", "nyc2", "nyc3", "sfo2", "sfo3", "sgp1", "syd1", "tor1"],
  "DigitalOcean's region.",
);

const sizes = Object.keys(droplets) as [DropletSize, ...DropletSize[]];
const size = z.enum(sizes).meta({
  description:
    "DigitalOcean's size of each VM. With Linkerd and Knative, `s-4vcpu-8gb` is the least that is pleasant.",
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
      "The ranges from which SSH and the API servers can be reached; the machine that runs Pulumi must be in them. VS Code is open to everyone, behind its password.",
    expected: "a list of ranges in CIDR notation, at least one",
    example: ["203.0.113.7/32"],
  });

const email = z
  .email()
  .meta({
    description: "Where Let's Encrypt writes to.",
    expected: "an e-mail address",
    example: "you@example.com",
  })
  .optional();

const tlsKinds = ["sslip", "domain", "self-signed"] as const;
const tlsKind = <const K extends (typeof tlsKinds)[number]>(value: K) =>
  z.literal(value).meta({
    description: "Where the VMs' names and certificates come from.",
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
          "The domain; a seat's name is put before it.",
          "a domain name",
          "workshop.example.com",
        ),
        zone: dnsName(
          "The zone of DigitalOcean's DNS that `domain` is in: VMs' names are put there.",
          "the zone of DigitalOcean's DNS that the domain is in",
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
          message: advice(`the zone that ${domain} is in`, `zone: ${domain.split(".").slice(-2).join(".")}`),
        });
      }, always),
    z.strictObject({ kind: tlsKind("self-signed") }),
  ])
  .meta({
    description:
      "How VMs are found and believed: `sslip`, a name made of the address, and Let's Encrypt; `domain`, names in a zone of yours at DigitalOcean, and Let's Encrypt; `self-signed`, the address, with a certificate that browsers warn of.",
    expected: `an object with the key kind, one of: ${tlsKinds.join(", ")}`,
    example: { kind: "domain", domain: "workshop.example.com", zone: "example.com" },
  });

const expiry = (now: Date) =>
  z
    .string()
    .refine((text) => (instant(text) ?? now) > now)
    .meta({
      description:
        "When the class is over. It is on the VMs' tags and on the handout; nothing is deleted by itself.",
      expected: "a date and time with a time zone, in the future",
      example: "2027-03-01T18:00:00Z",
    })
    .transform((text) => rfc3339Of(instant(text) ?? now));

/** Keys of what is installed on each VM, and opened. */
const installed = {
  linkerd: flag("Whether Linkerd is there from the start; its CLI always is.").default(false),
  knative: flag("Whether Knative Serving is there from the start, with Kourier.").default(false),
  repository: z
    .string()
    .refine(isRepository)
    .meta({
      description: "A Git repository that is cloned, and opened in VS Code.",
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
        "A web server that has what VMs download, under /<host>/<path>. It spares others' servers, and what is pinned is still checked.",
      expected: "an http(s):// address",
      example: "https://mirror.example.com/vms",
    })
    .optional(),
};

/** The keys below `faasmesh:workshop`. */
function keys({ stack, now }: WorkshopSurroundings) {
  return {
    name: z
      .string()
      .refine((name) => isDnsLabel(name, 30) && /^[a-z]/.test(name))
      .meta({
        description: "The workshop's name: of its tag, and before the names of its VMs.",
        expected: "at most 30 lower-case letters, digits and '-', beginning with a letter",
        example: "faasmesh-workshop",
        defaultText: "`faasmesh-<the stack's name>`",
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
        expected: "an image of DigitalOcean with Ubuntu or Debian, for x64",
        example: "ubuntu-24-04-x64",
      })
      .default("ubuntu-24-04-x64"),
    expires: expiry(now),
    adminCidrs,
    tls: tls.prefault({ kind: "sslip" }),
    ...installed,
    builds: z
      .record(z.string(), wholeNumber(2, 1_000, "A new number makes that seat's VM anew.", 2))
      .meta({
        description:
          "Seats whose VM was made anew, and how often: a new number makes it anew, at the same address.",
        expected: "an object: names of seats, and for each a whole number of at least 2",
        example: { alice: 2 },
      })
      .default({}),
    readyMinutes: wholeNumber(5, 120, "How long a VM may take to be ready; then `up` fails.", 20).default(20),
  };
}

type Checked = { size: string; linkerd: boolean; knative: boolean; seats: unknown; builds: object };

/** Rules that compare keys. */
function compare(workshop: unknown, context: z.core.$RefinementCtx): void {
  const { size: sizeName, linkerd, knative, seats: given, builds } = workshop as Partial<Checked>;
  const add = (path: PropertyKey[], input: unknown, message: string) =>
    context.addIssue({ code: "custom", path, input, message });
  const memory = (droplets as Record<string, DropletPrice | undefined>)[sizeName ?? ""]?.memory;
  const least = smallestMemory({ linkerd: linkerd === true, knative: knative === true });
  if (memory !== undefined && memory < least)
    add(
      ["size"],
      sizeName,
      advice(
        `a size with at least ${least} GB, for what is installed`,
        `size: s-${least / 2}vcpu-${least}gb`,
      ),
    );
  if (typeof builds !== "object" || builds === null) return;
  const names: readonly string[] = isSeats(given) ? seatNames(given) : [];
  for (const name of Object.keys(builds)) {
    if (names.includes(name)) continue;
    context.addIssue({
      code: "custom",
      path: ["builds", name],
      params: { got: `the name "${name}"` },
      message: advice("the name of a seat", `builds: { ${names[0] ?? "alice"}: 2 }`),
    });
  }
}

const isSeats = (value: unknown): value is number | string[] =>
  Array.isArray(value) || (typeof value === "number" && value >= 1 && value <= mostSeats);

/** The schema of all keys in the namespace `faasmesh`, for the stack of a workshop. */
export function workshopSchema(surroundings: WorkshopSurroundings) {
  return z.strictObject({
    stack: z
      .literal("workshop")
      .meta({ description: "Which stack to build.", expected: "workshop", example: "workshop" }),
    workshop: z
      .strictObject(keys(surroundings))
      .superRefine(compare, always)
      .meta({
        description: "A class, a VM for each of its seats.",
        example: {
          seats: ["alice", "bob"],
          region: "fra1",
          expires: "2027-03-01T18:00:00Z",
          adminCidrs: ["203.0.113.7/32"],
        },
      }),
  });
}

/** The configuration of a workshop, checked, with its defaults. */
export type WorkshopConfig = z.output<ReturnType<typeof workshopSchema>> & {
  /** The key `digitalocean:token`; a secret. Without it the provider reads its environment variable. */
  readonly token?: string;
};

import type * as pulumi from "@pulumi/pulumi";
import { type Problem, throwIfInvalid } from "../../errors";
import { isCidr, isDnsName } from "../../validation/validators";

/** The hostname of a VM, and the source of its certificate. */
export type Tls =
  | {
      /** A name that contains the address, `203-0-113-10.sslip.io`, and a certificate of Let's Encrypt. */
      readonly kind: "sslip";
      /** The address for notices of Let's Encrypt. Default: none. */
      readonly email?: string;
    }
  | {
      /** The name `<seat>.<domain>` in a DNS zone of DigitalOcean, and a certificate of Let's Encrypt. */
      readonly kind: "domain";
      /** The domain, in the zone `zone`. */
      readonly domain: string;
      /** The DNS zone of DigitalOcean, in which a record is created for the VM. */
      readonly zone: string;
      /** The address for notices of Let's Encrypt. Default: none. */
      readonly email?: string;
    }
  | {
      /** The address of the VM, and a self-signed certificate, for which browsers show a warning. */
      readonly kind: "self-signed";
    };

/** The arguments of `WorkshopVm`. */
export interface WorkshopVmArgs {
  /** The name of the seat: at most 30 lower-case letters, digits and '-'. */
  seat: string;

  /** The name of the workshop, which is the prefix of its machines' names: at most 30 lower-case letters, digits and '-'. */
  workshop: string;

  /** The DigitalOcean region, such as `fra1`. */
  region: string;

  /** The DigitalOcean size. Default: `s-2vcpu-4gb`. */
  size?: string;

  /**
   * The image: Ubuntu or Debian for amd64, with cloud-init and systemd. A change does not replace an existing VM.
   * Default: `ubuntu-24-04-x64`.
   */
  image?: string;

  /**
   * The ranges, as CIDRs, from which SSH (22) and the API server (6443) can be reached: at least one, which includes the
   * machine that runs Pulumi. The whole internet is rejected.
   */
  adminCidrs: readonly string[];

  /** The hostname of the VM, and the source of its certificate. Default: `{ kind: "sslip" }`. */
  tls?: Tls;

  /** Additional tags of the VM, such as those of the workshop and of its expiry. Default: none. */
  tags?: readonly pulumi.Input<string>[];

  /** Whether to install Linkerd with viz. The CLI is always installed. Default: false. */
  linkerd?: boolean;

  /** Whether to install Knative Serving with Kourier. Default: false. */
  knative?: boolean;

  /** The https:// URL, without credentials, of a Git repository to clone into `folder`. Default: none; the folder is empty. */
  repository?: string;

  /** The folder in the home directory that VS Code opens. Default: `workshop`. */
  folder?: string;

  /** The URL of a web server with the files that the VM downloads, at /<host>/<path>. Default: upstream's servers. */
  mirror?: string;

  /** The number of the build. A new number recreates the VM with the same address. Default: 1. */
  build?: number;

  /** The time in which the VM must become ready, in seconds. After it, `up` fails. Default: 1200. */
  readyWithin?: number;
}

/** The arguments of `WorkshopVm` with their defaults. */
export type VmSettings = Required<Omit<WorkshopVmArgs, "repository" | "mirror">> &
  Pick<WorkshopVmArgs, "repository" | "mirror">;

/** The unprivileged account of VS Code and its terminal, with its fixed UID. */
export const account = { name: "workshop", uid: 1500 } as const;

/** The HTTPS ports of VS Code, and of OpenFaaS's gateway. */
export const ports = { web: 443, gateway: 8443 } as const;

/**
 * Checks the arguments and adds the defaults.
 * @throws UserError that reports all errors together
 */
export function checked(args: WorkshopVmArgs): VmSettings {
  const given = Object.fromEntries(
    Object.entries(args).filter(([, value]) => value !== undefined),
  ) as unknown as WorkshopVmArgs;
  const settings: VmSettings = {
    size: "s-2vcpu-4gb",
    image: "ubuntu-24-04-x64",
    tls: { kind: "sslip" },
    tags: [],
    linkerd: false,
    knative: false,
    folder: "workshop",
    build: 1,
    readyWithin: 1_200,
    ...given,
  };
  throwIfInvalid(`WorkshopVm "${args.seat}"`, problemsOf(settings));
  return settings;
}

const name = /^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/;

/** Whether a URL is that of a public repository, and needs no quoting in a shell variable. */
export const isRepository = (url: string): boolean =>
  /^https:\/\/[A-Za-z0-9.-]+(:\d+)?\/[A-Za-z0-9._~/-]+$/.test(url);

/** Whether a URL is an http(s):// address, and needs no quoting in a shell variable. */
export const isWebAddress = (url: string): boolean =>
  /^https?:\/\/[A-Za-z0-9.-]+(:\d+)?(\/[A-Za-z0-9._~/-]*)?$/.test(url);

type Rule = readonly [key: keyof VmSettings, isValid: boolean, expected: string, fix: string];

function problemsOf(settings: VmSettings): Problem[] {
  const { adminCidrs, repository, build, readyWithin, mirror } = settings;
  const isName = (text: string) => name.test(text);
  const expectedName = "at most 30 lower-case letters, digits and '-'";
  const rules: readonly Rule[] = [
    ["seat", isName(settings.seat), expectedName, "use a name such as alice"],
    ["workshop", isName(settings.workshop), expectedName, "use a name such as class"],
    ["adminCidrs", adminCidrs.length > 0, "at least one range", "add the range that you connect from"],
    [
      "adminCidrs",
      adminCidrs.every((cidr) => isCidr(cidr) && !cidr.endsWith("/0")),
      "ranges in CIDR notation that are not the whole internet",
      "use the range that you connect from",
    ],
    [
      "repository",
      repository === undefined || isRepository(repository),
      "an https:// URL without a user or password",
      "use a public repository",
    ],
    ["folder", /^[A-Za-z0-9][\w.-]{0,60}$/.test(settings.folder), "the name of a folder", "use workshop"],
    ["mirror", mirror === undefined || isWebAddress(mirror), "an http(s):// address", "correct it"],
    [
      "build",
      Number.isInteger(build) && build > 0,
      "a whole number of at least 1",
      "use the last one plus 1",
    ],
    ...domainRules(settings.tls),
    ["readyWithin", readyWithin > 0, "a number of seconds above 0", "use 1200"],
  ];
  return rules.flatMap(([key, isValid, expected, fix]) =>
    isValid ? [] : [{ key, got: JSON.stringify(settings[key]), expected, fix }],
  );
}

/** Rules for values that become names in DNS, and lines of a shell file on the VM. */
function domainRules(tls: Tls): readonly Rule[] {
  if (tls.kind !== "domain") return [];
  const { domain, zone, email } = tls;
  const isWithin = domain === zone || domain.endsWith(`.${zone}`);
  return [
    ["tls", isDnsName(domain) && isDnsName(zone), "a domain and a zone that are DNS names", "correct it"],
    ["tls", isWithin, "a domain in the zone", "use a zone such as example.com for class.example.com"],
    [
      "tls",
      email === undefined || /^[\w.+-]+@[A-Za-z0-9.-]+$/.test(email),
      "an email address",
      "use an address such as class@example.com",
    ],
  ];
}

/** Returns the names of seats; for a number `seat-01` and so on. */
export function seatNames(seats: number | readonly string[]): string[] {
  if (typeof seats !== "number") return [...seats];
  return Array.from({ length: seats }, (_, index) => `seat-${String(index + 1).padStart(2, "0")}`);
}

/** Returns the minimum memory of a VM, in GB. k3s, OpenFaaS and VS Code use about 3 GB. */
export function minimumMemory({ linkerd, knative }: Pick<VmSettings, "linkerd" | "knative">): number {
  return linkerd && knative ? 8 : 4;
}

/** Returns the hostname of a VM. */
export function hostOf({ tls, seat }: Pick<VmSettings, "tls" | "seat">, address: string): string {
  if (tls.kind === "domain") return `${seat}.${tls.domain}`;
  return tls.kind === "sslip" ? `${address.replaceAll(".", "-")}.sslip.io` : address;
}

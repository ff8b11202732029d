import { isIP } from "node:net";
import type * as pulumi from "@pulumi/pulumi";
import { type Problem, throwIfInvalid } from "../../errors";

/** How a VM is found and believed. */
export type Tls =
  /** A name made of the address, `203-0-113-10.sslip.io`, and a certificate of Let's Encrypt. */
  | { readonly kind: "sslip"; readonly email?: string }
  /** The seat's name before `domain`, which is in DigitalOcean's DNS zone `zone`, and Let's Encrypt. */
  | { readonly kind: "domain"; readonly domain: string; readonly zone: string; readonly email?: string }
  /** The address, with a certificate that the VM signs itself: browsers warn of it. */
  | { readonly kind: "self-signed" };

export interface WorkshopVmArgs {
  /** Who sits there: at most 30 lower-case letters, digits and '-'. */
  seat: string;

  /** The workshop's name, before the names of its machines. At most 30 characters. */
  workshop: string;

  /** DigitalOcean's region, such as `fra1`. */
  region: string;

  /** DigitalOcean's size. Default: `s-2vcpu-4gb`. */
  size?: string;

  /** The image of a new VM: Ubuntu or Debian for amd64, with cloud-init and systemd. Default: `ubuntu-24-04-x64`. */
  image?: string;

  /** Ranges, as CIDRs, from which SSH (22) and the API server (6443) can be reached. Yours must be in it. */
  adminCidrs: readonly string[];

  /** Default: `{ kind: "sslip" }`. */
  tls?: Tls;

  /** Tags of the VM besides its own: the workshop's, and when it expires. Default: none. */
  tags?: readonly pulumi.Input<string>[];

  /** Linkerd with viz from the start. Default: false; its CLI is always there. */
  linkerd?: boolean;

  /** Knative Serving with Kourier from the start. Default: false. */
  knative?: boolean;

  /** A Git repository that is cloned into `folder`, https:// without credentials. Default: an empty folder. */
  repository?: string;

  /** The folder in the home directory that VS Code opens. Default: `workshop`. */
  folder?: string;

  /** A web server with what the VM downloads, under /<host>/<path>. Default: upstream's own. */
  mirror?: string;

  /** A new number makes the VM anew, at its old address. Default: 1. */
  build?: number;

  /** How long the VM may take until it answers, in seconds; then it fails. Default: 1200. */
  readyWithin?: number;
}

export type VmSettings = Required<Omit<WorkshopVmArgs, "repository" | "mirror">> &
  Pick<WorkshopVmArgs, "repository" | "mirror">;

/** The account that VS Code and its terminal run as, without rights of root, and its fixed number. */
export const account = { name: "workshop", uid: 1500 } as const;

/** Ports of HTTPS: VS Code's, and that of OpenFaaS's gateway. */
export const ports = { web: 443, gateway: 8443 } as const;

/** The arguments with their defaults. @throws UserError with all that is wrong */
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
  throwIfInvalid(`WorkshopVm "${args.seat}"`, faultsOf(settings));
  return settings;
}

const name = /^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/;

/** Whether a URL can be cloned by anyone, and goes into a shell's variable as it is. */
export const isRepository = (url: string): boolean =>
  /^https:\/\/[A-Za-z0-9.-]+(:\d+)?\/[A-Za-z0-9._~/-]+$/.test(url);

/** Whether an address is one of the web, and goes into a shell's variable as it is. */
export const isWebAddress = (url: string): boolean =>
  /^https?:\/\/[A-Za-z0-9.-]+(:\d+)?(\/[A-Za-z0-9._~/-]*)?$/.test(url);

type Rule = readonly [key: keyof VmSettings, isRight: boolean, expected: string, fix: string];

function faultsOf(settings: VmSettings): Problem[] {
  const { adminCidrs, repository, build, readyWithin, mirror } = settings;
  const isName = (text: string) => name.test(text);
  const expectedName = "at most 30 lower-case letters, digits and '-'";
  const rules: readonly Rule[] = [
    ["seat", isName(settings.seat), expectedName, "take a name such as alice"],
    ["workshop", isName(settings.workshop), expectedName, "take a name such as class"],
    ["adminCidrs", adminCidrs.length > 0, "at least one range", "name the one that you connect from"],
    [
      "adminCidrs",
      adminCidrs.every((cidr) => isIP(cidr.split("/")[0] ?? "") > 0 && !cidr.endsWith("/0")),
      "ranges in CIDR notation that are not the whole internet",
      "name the one that you connect from",
    ],
    [
      "repository",
      repository === undefined || isRepository(repository),
      "an https:// URL without a user or password",
      "take one that everyone can clone",
    ],
    ["folder", /^[A-Za-z0-9][\w.-]{0,60}$/.test(settings.folder), "the name of a folder", "take workshop"],
    ["mirror", mirror === undefined || isWebAddress(mirror), "an http(s):// address", "name one"],
    [
      "build",
      Number.isInteger(build) && build > 0,
      "a whole number of at least 1",
      "take the last one plus 1",
    ],
    ["readyWithin", readyWithin > 0, "a number of seconds above 0", "take 1200"],
  ];
  return rules.flatMap(([key, isRight, expected, fix]) =>
    isRight ? [] : [{ key, got: JSON.stringify(settings[key]), expected, fix }],
  );
}

/** The names of seats: the given ones, or `seat-01` and so on. */
export function seatNames(seats: number | readonly string[]): string[] {
  if (typeof seats !== "number") return [...seats];
  return Array.from({ length: seats }, (_, index) => `seat-${String(index + 1).padStart(2, "0")}`);
}

/** The least memory for what is installed, in GB: k3s, OpenFaaS and VS Code take about 3 of it. */
export function smallestMemory({ linkerd, knative }: Pick<VmSettings, "linkerd" | "knative">): number {
  return linkerd && knative ? 8 : 4;
}

/** The host that a seat's browser asks for. */
export function hostOf({ tls, seat }: Pick<VmSettings, "tls" | "seat">, address: string): string {
  if (tls.kind === "domain") return `${seat}.${tls.domain}`;
  return tls.kind === "sslip" ? `${address.replaceAll(".", "-")}.sslip.io` : address;
}

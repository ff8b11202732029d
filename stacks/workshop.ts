import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import { expiryTag } from "../clouds/sandbox";
import { seatNames } from "../components/workshop-vm/args";
import { WorkshopVm } from "../components/workshop-vm/index";
import type { WorkshopConfig } from "../config/schema/workshop";

/**
 * Creates a workshop: a VM for each seat. Seats do not depend on each other, so adding or removing one changes no other.
 *
 * @returns the outputs `workshop`, `urls`, and for the handout `seats`, a secret
 */
export function workshop({ workshop: config, token }: WorkshopConfig): Record<string, unknown> {
  const { name, seats, expires, rebuilds, readyMinutes, ...common } = config;
  const names = seatNames(seats);

  // DigitalOcean accepts 250 requests a minute. Requests that it rejects are retried.
  const cloud = new digitalocean.Provider("digitalocean", {
    requestsPerSecond: 4,
    httpRetryMax: 10,
    ...(token !== undefined && { token: pulumi.secret(token) }),
  });
  const provider = { provider: cloud };
  const tags = [name, expiryTag(expires)].map(
    (tag, index) => new digitalocean.Tag(index ? "expiry" : "workshop", { name: tag }, provider).name,
  );

  const vms = names.map((seat): [string, WorkshopVm] => {
    const args = { seat, workshop: name, tags, build: rebuilds[seat] ?? 1, readyWithin: readyMinutes * 60 };
    return [seat, new WorkshopVm(seat, { ...common, ...args }, { providers: [cloud] })];
  });

  const { region, size } = common;
  return {
    workshop: { name, region, size, expires, seats: names.length },
    urls: Object.fromEntries(vms.map(([seat, { url }]) => [seat, url])),
    seats: pulumi.secret(Object.fromEntries(vms.map(([seat, vm]) => [seat, handoutOf(vm)]))),
  };
}

/** The data of a seat that the handout shows. */
const handoutOf = (vm: WorkshopVm) => ({
  url: vm.url,
  gatewayUrl: vm.gatewayUrl,
  user: vm.user,
  password: vm.password,
  fingerprint: vm.fingerprint,
  sshCommand: vm.sshCommand,
  sshPrivateKey: vm.sshPrivateKey,
  knownHost: vm.knownHost,
  kubeconfig: vm.kubeconfig,
});

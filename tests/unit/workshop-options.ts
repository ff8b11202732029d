import { checked, type Tls, type VmSettings, type WorkshopVmArgs } from "../../components/workshop-vm/args";
import type { VmSecrets } from "../../components/workshop-vm/cloud-init";

type Options = Partial<WorkshopVmArgs>;

/** A seat with some options. */
export const settingsOf = (args: Options): VmSettings =>
  checked({ seat: "alice", workshop: "class", region: "fra1", adminCidrs: ["203.0.113.7/32"], ...args });

/** What is known of it when it is made. */
export const secretsOf = (own: Partial<VmSecrets> = {}): VmSecrets => ({
  address: "203.0.113.10",
  hostKey: { privateKey: "THE HOST KEY\n", publicKey: "ssh-ed25519 host\n" },
  passwordHash: "$argon2id$the-hash",
  ...own,
});

/** Every combination of options that changes what cloud-init does, with a title. */
export function everyOption(): [title: string, options: Options][] {
  const domain = { kind: "domain", domain: "class.example.com", zone: "example.com" } as const;
  const names: Tls[] = [
    { kind: "sslip" },
    { kind: "sslip", email: "you@example.com" },
    domain,
    { kind: "self-signed" },
  ];
  const all: [string, Options][] = [];
  for (const tls of names)
    for (const linkerd of [false, true])
      for (const knative of [false, true])
        for (const repository of [undefined, "https://github.com/openfaas/workshop.git"]) {
          const more = [linkerd && "linkerd", knative && "knative", repository && "a repository"].filter(
            Boolean,
          );
          const email = "email" in tls && tls.email !== undefined ? " with e-mail" : "";
          all.push([
            [tls.kind + email, ...more].join(", "),
            { tls, linkerd, knative, ...(repository !== undefined && { repository }) },
          ]);
        }
  return all;
}

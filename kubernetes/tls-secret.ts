import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { KeyPair } from "./certificates";

export interface TlsSecretArgs {
  namespace: pulumi.Input<string>;
  pair: KeyPair;
  /** The certificates of the authorities that verify the pair, PEM, as the key `ca.crt`. Default: no such key. */
  authorities?: pulumi.Input<string>;
}

/** Creates a Secret of type `kubernetes.io/tls`. Its resource name is `<component>-<secret>`. */
export function tlsSecret(
  component: string,
  secret: string,
  args: TlsSecretArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Secret {
  return new k8s.core.v1.Secret(
    `${component}-${secret}`,
    {
      metadata: { name: secret, namespace: args.namespace },
      type: "kubernetes.io/tls",
      stringData: {
        "tls.crt": args.pair.certificate,
        "tls.key": args.pair.key,
        ...(args.authorities !== undefined && { "ca.crt": args.authorities }),
      },
    },
    opts,
  );
}

import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { KeyPair } from "./certificates";

/** Creates a Secret of type `kubernetes.io/tls`. Its resource name is `<component>-<secret>`. */
export function tlsSecret(
  component: string,
  secret: string,
  args: { namespace: pulumi.Input<string>; pair: KeyPair },
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Secret {
  return new k8s.core.v1.Secret(
    `${component}-${secret}`,
    {
      metadata: { name: secret, namespace: args.namespace },
      type: "kubernetes.io/tls",
      stringData: { "tls.crt": args.pair.certificate, "tls.key": args.pair.key },
    },
    opts,
  );
}

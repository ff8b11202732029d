import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { HostArgs } from "./args";

const user = "admin";

/** One user and password for all protected hosts. */
export class BasicAuth {
  readonly username = pulumi.output(user);
  readonly password: pulumi.Output<string>;
  private readonly line: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly parent: pulumi.Resource,
  ) {
    const { result, bcryptHash } = new random.RandomPassword(
      `${name}-password`,
      { length: 24, special: false },
      { parent },
    );
    this.password = result;
    this.line = pulumi.interpolate`${user}:${bcryptHash}`;
  }

  /** Creates the Secret of a host, in the namespace of its Ingress, with the password's hash in `htpasswd` format. */
  secret(id: string, { backend, dependsOn }: HostArgs): k8s.core.v1.Secret {
    return new k8s.core.v1.Secret(
      `${this.name}-${id}-auth`,
      {
        metadata: { name: `ingress-${id}-auth`, namespace: backend.namespace },
        stringData: { auth: this.line },
      },
      { parent: this.parent, dependsOn },
    );
  }
}

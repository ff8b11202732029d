import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { webhookCertificate } from "./certificates";
import { tlsSecret } from "./tls-secret";

/** Resources of a container, as Linkerd's charts take them. */
interface Resources {
  cpu: { limit?: string; request: string };
  memory: { limit: string; request: string };
}

/** Resources of a container, without a limit of CPU. */
export const resources = (cpu: string, memory: string, memoryLimit = "250Mi"): Resources => ({
  cpu: { limit: "", request: cpu },
  memory: { limit: memoryLimit, request: memory },
});

/** Values of a webhook whose Secret is created beside the chart. */
export interface WebhookValues {
  externalSecret: boolean;
  caBundle: pulumi.Output<string>;
}

/** Webhooks of a chart: their Secrets, the chart's values for each by key, and when each certificate ends, RFC 3339. */
export interface Webhooks<Key extends string> {
  readonly secrets: pulumi.Resource[];
  readonly values: Record<Key, WebhookValues>;
  readonly expire: pulumi.Output<string>[];
}

export interface WebhooksArgs<Key extends string> {
  /** The name of the component. */
  name: string;
  parent: pulumi.Resource;
  /** The Service that the API server calls for each webhook, by the webhook's key in the chart's values. */
  services: Readonly<Record<Key, string>>;
  namespace: k8s.core.v1.Namespace;
  /** The name of that namespace. */
  namespaceName: string;
  /** How long the certificates are valid, in days. */
  days: number;
}

/**
 * A certificate and its Secret for each webhook of a chart of Linkerd, which would generate new ones at each render.
 * As Secrets no key goes through Helm, which keeps a release's values in the cluster and shows them to
 * `helm get values`.
 */
export function webhooks<Key extends string>(args: WebhooksArgs<Key>): Webhooks<Key> {
  const { name, parent, services, namespace, namespaceName, days } = args;
  const created = Object.entries<string>(services).map(([key, service]) => {
    const pair = webhookCertificate(
      `${name}-${service.replace(/^linkerd-/, "")}`,
      { dnsName: `${service}.${namespaceName}.svc`, days },
      { parent },
    );
    const secret = tlsSecret(
      name,
      `${service}-k8s-tls`,
      { namespace: namespace.metadata.name, pair },
      { parent },
    );
    return {
      key,
      secret,
      expires: pair.expires,
      value: { externalSecret: true, caBundle: pair.certificate },
    };
  });
  return {
    secrets: created.map(({ secret }) => secret),
    values: Object.fromEntries(created.map(({ key, value }) => [key, value])) as Record<Key, WebhookValues>,
    expire: created.map(({ expires }) => expires),
  };
}

import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { webhookCertificate } from "./certificates";
import { tlsSecret } from "./tls-secret";

/** The resources of a container, in the format of Linkerd's charts. */
interface Resources {
  cpu: { limit?: string; request: string };
  memory: { limit: string; request: string };
}

/** The resources of a container without a CPU limit. */
export const resources = (cpu: string, memory: string, memoryLimit = "250Mi"): Resources => ({
  cpu: { limit: "", request: cpu },
  memory: { limit: memoryLimit, request: memory },
});

/** The chart values of a webhook whose Secret Pulumi creates. */
export interface WebhookValues {
  externalSecret: boolean;
  caBundle: pulumi.Output<string>;
}

/** The webhooks of a chart. */
export interface Webhooks<Key extends string> {
  readonly secrets: pulumi.Resource[];
  /** The chart values of each webhook, by its key in the values. */
  readonly values: Record<Key, WebhookValues>;
  /** When each certificate expires, RFC 3339. */
  readonly expire: pulumi.Output<string>[];
}

export interface WebhooksArgs<Key extends string> {
  /** The name of the component. */
  name: string;
  parent: pulumi.Resource;
  /** The Service of each webhook, which the API server calls, by the key of the webhook in the chart's values. */
  services: Readonly<Record<Key, string>>;
  namespace: k8s.core.v1.Namespace;
  /** The name of that namespace. */
  namespaceName: string;
  /** How long the certificates are valid, in days. */
  days: number;
}

/**
 * Creates a certificate and its Secret for each webhook of a Linkerd chart. The chart would generate new certificates
 * on each render. With Secrets the keys are not chart values, which Helm stores in the cluster and `helm get values`
 * prints.
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

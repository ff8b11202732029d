import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { IngressContext, ServedHost } from "./proxy";

const nginx = (key: string): string => `nginx.ingress.kubernetes.io/${key}`;

/**
 * Creates an Ingress with annotations of ingress-nginx, which Traefik also supports. An Ingress must be in the namespace
 * of its backend.
 */
export function ingress(
  host: ServedHost,
  { name, parent, args }: IngressContext,
  { className, dependsOn }: { className: pulumi.Input<string>; dependsOn: pulumi.Resource[] },
): void {
  const { id, hostname, backend, users, secretName } = host;
  const service = { name: backend.name, port: { number: backend.port } };
  new k8s.networking.v1.Ingress(
    `${name}-${id}-ingress`,
    {
      metadata: {
        name: `ingress-${id}`,
        namespace: backend.namespace,
        annotations: {
          // Without a load balancer it never gets an address, for which Pulumi would wait.
          "pulumi.com/skipAwait": "true",
          [nginx("force-ssl-redirect")]: "true",
          // Uses the address of the Service instead of its pods, so that the mesh balances the load.
          [nginx("service-upstream")]: "true",
          ...(host.upstreamHost !== undefined && { [nginx("upstream-vhost")]: host.upstreamHost }),
          ...(args.l5dDstOverride && { [nginx("configuration-snippet")]: dstOverride(host) }),
          ...(users && {
            [nginx("auth-type")]: "basic",
            [nginx("auth-secret")]: users.metadata.name,
            [nginx("auth-realm")]: "Authentication required",
          }),
        },
      },
      spec: {
        ingressClassName: className,
        tls: [{ hosts: [hostname], secretName }],
        rules: [
          {
            host: hostname,
            http: { paths: [{ path: "/", pathType: "Prefix", backend: { service } }] },
          },
        ],
      },
    },
    { parent, dependsOn: [...dependsOn, ...(host.dependsOn ?? [])] },
  );
}

/** The guides' snippet. Linkerd evaluates the header only in `ingress` mode, which this component does not use. */
function dstOverride({ backend: { namespace, name, port } }: ServedHost): pulumi.Output<string> {
  return pulumi.interpolate`proxy_set_header l5d-dst-override ${name}.${namespace}.svc.cluster.local:${port};
proxy_hide_header l5d-remote-ip;
proxy_hide_header l5d-server-id;
`;
}

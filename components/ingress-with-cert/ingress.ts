import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { IngressContext, Served } from "./proxy";

const nginx = (key: string): string => `nginx.ingress.kubernetes.io/${key}`;

/**
 * An Ingress with the annotations of ingress-nginx, which Traefik understands too. It is beside its backend,
 * as Ingresses must be.
 */
export function ingress(
  host: Served,
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
          // Without a load balancer it never gets the address that would be awaited.
          "pulumi.com/skipAwait": "true",
          [nginx("force-ssl-redirect")]: "true",
          // The Service's address in place of its pods', so that the mesh balances.
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

/** The guides' snippet. Linkerd heeds the header in its `ingress` mode only, which this program never uses. */
function dstOverride({ backend: { namespace, name, port } }: Served): pulumi.Output<string> {
  return pulumi.interpolate`proxy_set_header l5d-dst-override ${name}.${namespace}.svc.cluster.local:${port};
proxy_hide_header l5d-remote-ip;
proxy_hide_header l5d-server-id;
`;
}

import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Exposure, exposureOf } from "./args";
import type { IngressContext, Proxy } from "./proxy";

/** How clients reach the proxy. */
export interface ProxyAddress {
  /** IP addresses or names; empty if they are unknown. */
  addresses: pulumi.Output<string[]>;
  httpsPort: pulumi.Output<number>;
}

const serviceTypes: Record<Exposure, string> = {
  loadBalancer: "LoadBalancer",
  nodePort: "NodePort",
  clusterIP: "ClusterIP",
};

/** Creates the Service of the proxy. Pulumi waits only for the address of a load balancer. */
export function exposeProxy(
  { namespace, service }: Proxy,
  { name, parent, args }: IngressContext,
): ProxyAddress {
  const exposure = exposureOf(args);
  const port = (kind: "http" | "https", number: number) => ({
    name: service.ports[kind],
    port: number,
    targetPort: service.ports[kind],
    ...(args.nodePorts && { nodePort: args.nodePorts[kind] }),
  });
  const { spec, status } = new k8s.core.v1.Service(
    `${name}-service`,
    {
      metadata: {
        name: service.name,
        namespace: namespace.metadata.name,
        annotations: exposure === "loadBalancer" ? {} : { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        type: serviceTypes[exposure],
        selector: service.selector,
        ports: [port("http", 80), port("https", 443)],
      },
    },
    { parent },
  );
  const nodePort = args.nodePorts?.https ?? spec.apply((live) => nodePortOf(live, service.ports.https));
  return {
    addresses:
      args.address !== undefined
        ? pulumi.output(args.address).apply((address) => [address])
        : exposure === "loadBalancer"
          ? status.apply(addressesOf)
          : pulumi.output([]),
    httpsPort: pulumi.output(args.httpsPort ?? (exposure === "nodePort" ? nodePort : 443)),
  };
}

function addressesOf(status: k8s.types.output.core.v1.ServiceStatus | undefined): string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => {
    const address = ip || hostname;
    return address ? [address] : [];
  });
}

function nodePortOf(spec: k8s.types.output.core.v1.ServiceSpec, port: string): number {
  return spec.ports?.find(({ name }) => name === port)?.nodePort ?? 443;
}

import * as compute from "@pulumi/gcp/compute";
import * as pulumi from "@pulumi/pulumi";
import { type GkeSettings, regionOf } from "./args";

/** The names of the secondary ranges for pods and Services. */
export const rangeNames = { pods: "pods", services: "services" };

/**
 * The ports of webhooks that the API server calls on nodes: Linkerd's injector and Knative's webhook (8443), Linkerd's
 * tap (8089) and policy (9443). Google opens only 443 and 10250.
 */
export const webhookPorts = ["8443", "8089", "9443"];

export interface GkeNetwork {
  readonly network: compute.Network;
  readonly subnetwork: compute.Subnetwork;
  /** The NAT, which nodes need to pull images. */
  readonly nat: compute.RouterNat;
}

/** Creates the network of a cluster, with a NAT for the internet access of its private nodes. */
export function gkeNetwork(
  cluster: pulumi.ComponentResource,
  name: string,
  settings: GkeSettings,
): GkeNetwork {
  const child = { parent: cluster };
  const { clusterName, project, ranges } = settings;
  const region = regionOf(settings.location);
  const network = new compute.Network(
    `${name}-network`,
    { name: clusterName, project, autoCreateSubnetworks: false },
    child,
  );
  const subnetwork = new compute.Subnetwork(
    `${name}-subnetwork`,
    {
      name: clusterName,
      project,
      region,
      network: network.id,
      ipCidrRange: ranges.nodes,
      privateIpGoogleAccess: true,
      secondaryIpRanges: [
        { rangeName: rangeNames.pods, ipCidrRange: ranges.pods },
        { rangeName: rangeNames.services, ipCidrRange: ranges.services },
      ],
    },
    child,
  );
  const router = new compute.Router(
    `${name}-router`,
    { name: clusterName, project, region, network: network.id },
    child,
  );
  const nat = new compute.RouterNat(
    `${name}-nat`,
    {
      name: clusterName,
      project,
      region,
      router: router.name,
      natIpAllocateOption: "AUTO_ONLY",
      sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
      subnetworks: [{ name: subnetwork.id, sourceIpRangesToNats: ["ALL_IP_RANGES"] }],
    },
    child,
  );
  return { network, subnetwork, nat };
}

/** Creates a firewall rule that allows the control plane to call webhooks on nodes. */
export function webhookFirewall(
  cluster: pulumi.ComponentResource,
  name: string,
  { network }: GkeNetwork,
  nodeTag: string,
  { clusterName, project, ranges }: GkeSettings,
): compute.Firewall {
  return new compute.Firewall(
    `${name}-webhooks`,
    {
      name: `${clusterName}-webhooks`,
      project,
      network: network.id,
      direction: "INGRESS",
      sourceRanges: [ranges.controlPlane],
      targetTags: [nodeTag],
      allows: [{ protocol: "tcp", ports: webhookPorts }],
    },
    { parent: cluster },
  );
}

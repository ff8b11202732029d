/** What needs @pulumi/digitalocean and @pulumi/command: `import { K3sCluster } from "faasmesh/digitalocean"`. */

export {
  digitalOceanZone,
  type DigitalOceanZoneArgs,
} from "../components/ingress-with-cert/dns-digitalocean";
export { K3sCluster, type CloudArgs, type K3sArgs } from "../components/k3s-cluster";
export { WorkshopVm } from "../components/workshop-vm";
export type { Tls as WorkshopTls, WorkshopVmArgs } from "../components/workshop-vm/args";
export type { SandboxArgs } from "../clouds/sandbox";

/** What needs @pulumi/gcp: `import { GkeCluster } from "faasmesh/google"`. */

export { GkeCluster, type GkeArgs, type GkeRanges } from "../components/gke-cluster";
export { googleZone, type GoogleZoneArgs } from "../components/ingress-with-cert/dns-google";
export type { SandboxArgs } from "../clouds/sandbox";

/** What needs @pulumi/command, `kind` and a Docker engine: `import { KindCluster } from "faasmesh/kind"`. */

export { KindCluster, type KindArgs } from "../components/kind-cluster";
export type { KindConfigArgs } from "../components/kind-cluster/args";

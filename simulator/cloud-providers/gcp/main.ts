import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { serve } from "../stand-in";

/** The cluster that replaces a GKE cluster: that of the kubeconfig FAASMESH_STANDIN_KUBECONFIG. */
function clusterEndpoint(): { endpoint: string; authority: string } {
  const file = process.env["FAASMESH_STANDIN_KUBECONFIG"];
  if (!file) return { endpoint: "192.0.2.1", authority: Buffer.from("stand-in").toString("base64") };
  const { clusters } = parse(readFileSync(file, "utf8")) as {
    clusters: { cluster: { server: string; "certificate-authority-data": string } }[];
  };
  const [first] = clusters;
  if (!first) throw new Error(`${file} has no cluster`);
  return {
    endpoint: new URL(first.cluster.server).host,
    authority: first.cluster["certificate-authority-data"],
  };
}

const idUnder =
  (kind: string) =>
  (_id: string, { project, name }: Record<string, unknown>) => ({
    id: `projects/${String(project)}/${kind}/${String(name)}`,
  });

serve({
  name: "gcp",
  outputs: {
    "gcp:compute/network:Network": idUnder("global/networks"),
    "gcp:compute/subnetwork:Subnetwork": idUnder("regions/stand-in/subnetworks"),
    "gcp:compute/router:Router": idUnder("regions/stand-in/routers"),
    "gcp:compute/routerNat:RouterNat": idUnder("regions/stand-in/nats"),
    "gcp:compute/firewall:Firewall": idUnder("global/firewalls"),
    "gcp:serviceaccount/account:Account": (_id, { accountId, project }) => ({
      email: `${String(accountId)}@${String(project)}.iam.gserviceaccount.com`,
    }),
    "gcp:projects/iAMMember:IAMMember": () => ({}),
    "gcp:container/cluster:Cluster": (_id, { masterAuth }) => {
      const { endpoint, authority } = clusterEndpoint();
      return {
        endpoint,
        masterAuth: { ...(masterAuth as object | undefined), clusterCaCertificate: authority },
      };
    },
    "gcp:container/nodePool:NodePool": (_id, { namePrefix }) => ({ name: `${String(namePrefix)}stand-in` }),
  },
  replaceOnChanges: {
    "gcp:compute/network:Network": ["name"],
    "gcp:compute/subnetwork:Subnetwork": ["name", "network", "region"],
    "gcp:container/cluster:Cluster": [
      "name",
      "location",
      "network",
      "subnetwork",
      "privateClusterConfig",
      "nodeConfig",
    ],
    "gcp:container/nodePool:NodePool": ["cluster", "location", "namePrefix", "initialNodeCount"],
  },
  rules: {
    "gcp:serviceaccount/account:Account": ({ accountId }) =>
      /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(String(accountId))
        ? []
        : [{ property: "accountId", reason: "must have 6 to 30 lower-case letters, digits and '-'" }],
  },
  onDelete: {
    "gcp:container/cluster:Cluster": ({ name, deletionProtection }) => {
      // The provider's default is true.
      if (deletionProtection !== false)
        throw new Error(
          `the stand-in for gcp does not delete ${String(name)}: deletionProtection is not false`,
        );
    },
  },
  functions: {
    "gcp:organizations/getClientOpenIdUserInfo:getClientOpenIdUserInfo": () => ({
      email: "stand-in@example.com",
      id: "stand-in",
    }),
  },
});

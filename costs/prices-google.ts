import type { Source } from "./source";

/** USD per hour for a vCPU, and for a GB of memory. */
type Rate = readonly [vcpu: number, gigabyte: number];

/** A region's prices of machines and disks, without discounts for sustained and committed use. */
export interface RegionPrices {
  /** By machine family; undefined if the family is not available in the region. */
  readonly machines: Readonly<Record<"e2" | "n2", Rate | undefined>>;
  /** USD per GB and month, by disk type. */
  readonly disks: Readonly<Record<"pd-balanced" | "pd-standard" | "pd-ssd", number>>;
}

const region = (
  e2: Rate,
  n2: Rate | undefined,
  balanced: number,
  standard: number,
  ssd: number,
): RegionPrices => ({
  machines: { e2, n2 },
  disks: { "pd-balanced": balanced, "pd-standard": standard, "pd-ssd": ssd },
});

/**
 * Machines and disks. From Google's Cloud Billing Catalog ("E2 Instance Core running in …", "E2 Instance Ram running
 * in …", "Balanced PD Capacity in …"), via https://github.com/Cyclenerd/google-cloud-pricing-cost-calculator.
 */
export const compute = {
  asOf: "2026-07-30",
  source: "https://cloud.google.com/compute/all-pricing",
} as const satisfies Source;

export const regions: Readonly<Record<string, RegionPrices | undefined>> = {
  "africa-south1": region([0.02399337, 0.00321609], [0.034773, 0.004661], 0.109788, 0.05232, 0.1866395),
  "asia-east1": region([0.02525538, 0.00338514], [0.036602, 0.004906], 0.1, 0.04, 0.17),
  "asia-east2": region([0.03051939, 0.00409032], [0.044231, 0.005928], 0.11, 0.0498, 0.187),
  "asia-northeast1": region([0.02802642, 0.00373911], [0.040618, 0.005419], 0.13, 0.052, 0.221),
  "asia-northeast2": region([0.02802642, 0.00373911], [0.040595, 0.005441], 0.13, 0.052, 0.221),
  "asia-northeast3": region([0.02802642, 0.00373911], [0.040595, 0.005441], 0.13, 0.052, 0.221),
  "asia-south1": region([0.0261993, 0.00351072], [0.03797, 0.005088], 0.12, 0.048, 0.204),
  "asia-south2": region([0.0261993, 0.00351072], [0.03797, 0.005088], 0.12, 0.048, 0.204),
  "asia-southeast1": region([0.02690931, 0.00360594], [0.038999, 0.005226], 0.11, 0.044, 0.187),
  "asia-southeast2": region([0.02933115, 0.00393047], [0.04250891, 0.00569634], 0.13, 0.052, 0.221),
  "australia-southeast1": region([0.03095064, 0.00414759], [0.044856, 0.006011], 0.135, 0.054, 0.23),
  "australia-southeast2": region([0.026308, 0.003525], [0.038128, 0.005109], 0.135, 0.054, 0.23),
  "europe-central2": region([0.0263922, 0.00353742], [0.03825, 0.005127], 0.13, 0.048, 0.204),
  "europe-north1": region([0.02401614, 0.00321816], [0.034806, 0.004664], 0.11, 0.044, 0.187),
  "europe-north2": region([0.02290217, 0.00306971], undefined, 0.1, 0.04, 0.17),
  "europe-southwest1": region([0.025738, 0.00345], [0.03730098, 0.00499966], 0.12, 0.0472, 0.2006),
  "europe-west1": region([0.02399337, 0.00321609], [0.034773, 0.004661], 0.1, 0.04, 0.17),
  "europe-west10": region([0.02810463, 0.00376612], [0.04073134, 0.00545815], 0.154, 0.0616, 0.2618),
  "europe-west12": region([0.02813695, 0.00377135], [0.04077819, 0.00546573], 0.12, 0.0516, 0.204),
  "europe-west2": region([0.0281037, 0.00376602], [0.04073, 0.005458], 0.12, 0.048, 0.204),
  "europe-west3": region([0.0281037, 0.00376602], [0.04073, 0.005458], 0.12, 0.048, 0.204),
  "europe-west4": region([0.02401338, 0.00321816], [0.034802, 0.004664], 0.11, 0.044, 0.187),
  "europe-west6": region([0.02857225, 0.00382977], [0.041409, 0.005551], 0.13, 0.052, 0.221),
  "europe-west8": region([0.025302, 0.003391], [0.03666876, 0.00491492], 0.116, 0.0464, 0.1972),
  "europe-west9": region([0.025302, 0.003391], [0.03666876, 0.00491492], 0.116, 0.0464, 0.1972),
  "me-central1": region([0.02650108, 0.00355209], [0.03840737, 0.00514796], 0.1215, 0.0486, 0.20655),
  "me-central2": region([0.03489854, 0.00467765], [0.0505776, 0.0067792], 0.16, 0.064, 0.272),
  "me-west1": region([0.02399275, 0.00321588], [0.0347721, 0.0046607], 0.11, 0.044, 0.187),
  "northamerica-northeast1": region([0.02401338, 0.00321816], [0.034802, 0.004664], 0.11, 0.044, 0.187),
  "northamerica-northeast2": region([0.02401338, 0.00321816], [0.034802, 0.004664], 0.11, 0.044, 0.187),
  "northamerica-south1": region([0.02377463, 0.00318665], undefined, 0.109, 0.0436, 0.1853),
  "southamerica-east1": region([0.0346242, 0.00464025], [0.05018, 0.006725], 0.15, 0.06, 0.255),
  "southamerica-west1": region([0.03119057, 0.00418065], [0.04520373, 0.00605891], 0.143, 0.0572, 0.2431),
  "us-central1": region([0.02181159, 0.00292353], [0.031611, 0.004237], 0.1, 0.04, 0.17),
  "us-east1": region([0.02181159, 0.00292353], [0.031611, 0.004237], 0.1, 0.04, 0.17),
  "us-east4": region([0.02456745, 0.00329199], [0.035605, 0.004771], 0.11, 0.044, 0.187),
  "us-east5": region([0.02181159, 0.00292353], [0.031611, 0.004237], 0.1, 0.04, 0.17),
  "us-south1": region([0.02573768, 0.00344977], [0.03730098, 0.00499966], 0.12, 0.0472, 0.2006),
  "us-west1": region([0.02181159, 0.00292353], [0.031611, 0.004237], 0.1, 0.04, 0.17),
  "us-west2": region([0.0261993, 0.00351141], [0.03797, 0.005089], 0.12, 0.048, 0.204),
  "us-west3": region([0.0261993, 0.00351141], [0.03797, 0.005089], 0.12, 0.048, 0.204),
  "us-west4": region([0.02456745, 0.00329199], [0.035603, 0.004771], 0.11, 0.044, 0.187),
};

/**
 * The cluster management fee in USD per hour, as of September 2025. The free tier of one zonal cluster per billing account
 * is not considered.
 */
export const cluster = {
  hourly: 0.1,
  asOf: "2025-09-30",
  source: "https://cloud.google.com/kubernetes-engine/pricing",
} as const;

/** Cloud NAT in USD per hour: for each of the first 32 nodes, and for its address. Traffic is not included. */
export const nat = {
  node: 0.0014,
  mostNodes: 32,
  address: 0.005,
  asOf: "2026-07-30",
  source: "https://cloud.google.com/nat/pricing",
} as const;

type Rule = readonly [firstFive: number, additional: number];

const of = (prices: Rule, names: string[]): Record<string, Rule> =>
  Object.fromEntries(names.map((name) => [name, prices]));

/**
 * Forwarding rules in USD per hour: the first five of a project and region together, and each additional one. Each Service
 * of type LoadBalancer has one. From the same catalog; later versions do not list them. The prices of europe-west3 and
 * us-central1 were still the same in 2026.
 */
export const forwardingRules = {
  asOf: "2023-03-23",
  source: "https://cloud.google.com/load-balancing/pricing",
} as const satisfies Source;

export const forwardingRulesOf: Readonly<Record<string, Rule | undefined>> = {
  ...of([0.025, 0.01], ["asia-east1", "europe-west1", "us-central1", "us-east1", "us-east5", "us-west1"]),
  ...of([0.0275, 0.011], ["europe-west4", "me-west1", "northamerica-northeast1", "northamerica-northeast2"]),
  ...of([0.0275, 0.012], ["us-west2", "us-west3"]),
  ...of([0.028, 0.011], ["asia-southeast1", "europe-north1", "us-east4", "us-west4"]),
  ...of([0.02925, 0.0117], ["europe-west8", "europe-west9"]),
  ...of([0.0295, 0.0118], ["us-south1"]),
  ...of(
    [0.03, 0.012],
    [
      "asia-south1",
      "asia-south2",
      "europe-central2",
      "europe-southwest1",
      "europe-west12",
      "europe-west2",
      "europe-west3",
    ],
  ),
  ...of([0.03052, 0.01199], ["asia-southeast2"]),
  ...of([0.0325, 0.013], ["europe-west6"]),
  ...of([0.034, 0.014], ["australia-southeast1", "australia-southeast2"]),
  ...of([0.035, 0.014], ["asia-east2"]),
  ...of(
    [0.038, 0.015],
    ["asia-northeast1", "asia-northeast2", "asia-northeast3", "southamerica-east1", "southamerica-west1"],
  ),
};

/** Free resources, by Pulumi type. */
export const free: readonly string[] = [
  "gcp:compute/firewall:Firewall",
  "gcp:compute/network:Network",
  "gcp:compute/router:Router",
  "gcp:compute/subnetwork:Subnetwork",
  "gcp:dns/recordSet:RecordSet",
  "gcp:projects/iAMMember:IAMMember",
  "gcp:serviceaccount/account:Account",
];

/** Where to find prices that are not listed here. */
export const page = {
  asOf: compute.asOf,
  source: "https://cloud.google.com/products/calculator",
} as const satisfies Source;

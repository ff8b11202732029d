import { manifests, tools as versions } from "../../versions";
import { type ImageRecipe, links } from "./recipe";

const certManager = `quay.io/jetstack/cert-manager`;

const certManagerImage = (
  part: "controller" | "webhook" | "cainjector" | "acmesolver" | "startupapicheck",
  ports: readonly number[],
  limits: string,
): ImageRecipe => ({
  repository: `${certManager}-${part}`,
  tool: `cert-manager-${part}`,
  version: versions["cert-manager"],
  source: `Go module github.com/cert-manager/cert-manager with a main package of this project${limits}`,
  path: `/app/cmd/${part}/${part}`,
  entrypoint: [`/app/cmd/${part}/${part}`],
  user: "1000:1000",
  ports,
});

/** Knative's manifest names its images by digest; the digests are those of its release. */
const servingImage = (
  part: "controller" | "autoscaler" | "webhook" | "activator" | "queue",
  ports: readonly number[],
): ImageRecipe => ({
  repository: `gcr.io/knative-releases/knative.dev/serving/cmd/${part}`,
  tool: `serving-${part}`,
  version: manifests["knative-serving"].version,
  source: `Go module knative.dev/serving v${versions.knative}`,
  path: `/ko-app/${part}`,
  entrypoint: [`/ko-app/${part}`],
  ports,
});

const writable = (path: string) => ({ path, mode: 0o777 });

const prometheus: ImageRecipe = {
  repository: "docker.io/prom/prometheus",
  tool: "prometheus",
  version: versions.prometheus,
  source:
    "Go module github.com/prometheus/prometheus, without its web interface and with service discovery in Kubernetes only",
  path: "/bin/prometheus",
  entrypoint: ["/bin/prometheus"],
  command: ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"],
  workingDir: "/prometheus",
  user: "65534:65534",
  ports: [9090],
  files: [
    writable("/prometheus"),
    { path: "/etc/prometheus/prometheus.yml", text: "global:\n  scrape_interval: 15s\n" },
  ],
};

const alertmanager: ImageRecipe = {
  repository: "docker.io/prom/alertmanager",
  tool: "alertmanager",
  version: versions.alertmanager,
  source: "Go module github.com/prometheus/alertmanager, without its web interface",
  path: "/bin/alertmanager",
  entrypoint: ["/bin/alertmanager"],
  command: ["--config.file=/etc/alertmanager/alertmanager.yml", "--storage.path=/alertmanager"],
  workingDir: "/alertmanager",
  user: "65534:65534",
  ports: [9093, 9094],
  files: [
    writable("/alertmanager"),
    {
      path: "/etc/alertmanager/alertmanager.yml",
      text: "route:\n  receiver: none\nreceivers:\n  - name: none\n",
    },
  ],
};

/** Images whose programs are upstream's. */
export const upstreamRecipes: readonly ImageRecipe[] = [
  certManagerImage(
    "controller",
    [9402, 9403],
    "; issuers of type SelfSigned and CA only, no leader election",
  ),
  certManagerImage("webhook", [10250, 6080, 9402], ""),
  certManagerImage("cainjector", [9402], "; no leader election"),
  certManagerImage("acmesolver", [8089], ""),
  certManagerImage("startupapicheck", [], ""),
  {
    repository: "quay.io/jetstack/trust-manager",
    tool: "trust-manager",
    version: versions["trust-manager"],
    source: "Go module github.com/cert-manager/trust-manager",
    path: "/ko-app/trust-manager",
    entrypoint: ["/ko-app/trust-manager"],
    ports: [6443, 9402, 6060],
  },
  {
    repository: "docker.io/library/traefik",
    tool: "traefik",
    version: versions.traefik,
    source: "Go module github.com/traefik/traefik/v3",
    path: "/usr/local/bin/traefik",
    entrypoint: ["/usr/local/bin/traefik"],
    ports: [80],
    files: links("/usr/local/bin/traefik", "/traefik"),
  },
  servingImage("controller", [9090, 8008]),
  servingImage("autoscaler", [8080, 9090, 8008]),
  servingImage("webhook", [8443, 9090, 8008]),
  servingImage("activator", [8012, 8013, 9090, 8008]),
  servingImage("queue", [8012, 8013, 8022, 9090, 9091]),
  prometheus,
  alertmanager,
  {
    repository: "docker.io/library/nats",
    tool: "nats-server",
    version: versions["nats-server"],
    source: "Go module github.com/nats-io/nats-server/v2",
    path: "/nats-server",
    entrypoint: ["/nats-server"],
    ports: [4222, 8222],
    files: links("/nats-server", "/usr/local/bin/nats-server"),
  },
  {
    repository: "docker.io/library/nats-streaming",
    tool: "nats-streaming-server",
    version: versions["nats-streaming-server"],
    source: "Go module github.com/nats-io/nats-streaming-server",
    path: "/nats-streaming-server",
    entrypoint: ["/nats-streaming-server"],
    ports: [4222, 8222],
  },
  {
    repository: "ghcr.io/fluxcd/flagger",
    tool: "flagger",
    version: versions.flagger,
    source: "Go module github.com/fluxcd/flagger",
    path: "/home/flagger/flagger",
    entrypoint: ["./flagger"],
    workingDir: "/home/flagger",
    ports: [8080],
  },
];

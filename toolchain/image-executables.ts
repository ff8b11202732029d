import { tools as versions } from "../versions";
import type { Build, ToolName, ToolSpec } from "./tool-spec";

export const certManagerLdflags = [
  `-X github.com/cert-manager/cert-manager/pkg/util.AppVersion=v${versions["cert-manager"]}`,
];

/** Executables for container images, built from one module; upstream publishes them as images. */
function executables(name: string, version: string, build: Omit<Build, "diskGB">): ToolSpec {
  const tools = Object.keys(build.packages) as ToolName[];
  return {
    ...{ name, version, tools, static: true, probes: {}, downloads: () => [] },
    build: { ...build, diskGB: 2 },
  };
}

const certManagerImages = executables("cert-manager-images", versions["cert-manager"], {
  module: "controllers",
  packages: {
    "cert-manager-webhook": "./cert-manager-webhook",
    "cert-manager-cainjector": "./cert-manager-cainjector",
    "cert-manager-acmesolver": "./cert-manager-acmesolver",
    "cert-manager-startupapicheck": "./cert-manager-startupapicheck",
  },
  ldflags: certManagerLdflags,
});

const trustManager = executables("trust-manager", versions["trust-manager"], {
  module: "controllers",
  packages: { "trust-manager": "github.com/cert-manager/trust-manager/cmd/trust-manager" },
  ldflags: [],
});

/** Upstream's own main packages; those of `knative` are changed for the simulated cluster. */
const knativeServing = executables("knative-serving", versions.knative, {
  module: "knative",
  packages: {
    "serving-controller": "knative.dev/serving/cmd/controller",
    "serving-autoscaler": "knative.dev/serving/cmd/autoscaler",
    "serving-webhook": "knative.dev/serving/cmd/webhook",
    "serving-activator": "knative.dev/serving/cmd/activator",
    "serving-queue": "knative.dev/serving/cmd/queue",
  },
  ldflags: [],
});

/** Prometheus imports packages of Alertmanager. */
const copyAlertmanager = [["run", "-C", "upstream-alertmanager", "."]] as const;

/** With the service discoveries that platforms use: the others are the larger part of it. */
const prometheus = executables("prometheus", versions.prometheus, {
  module: "workloads",
  packages: { prometheus: "github.com/prometheus/prometheus/cmd/prometheus" },
  ldflags: [],
  tags: ["remove_all_sd", "enable_kubernetes_sd", "enable_dns_sd"],
  prepare: copyAlertmanager,
});

const alertmanager = executables("alertmanager", versions.alertmanager, {
  module: "workloads",
  packages: { alertmanager: "github.com/prometheus/alertmanager/cmd/alertmanager" },
  ldflags: [],
  prepare: copyAlertmanager,
});

const nats = executables("nats-server", versions["nats-server"], {
  module: "workloads",
  packages: { "nats-server": "github.com/nats-io/nats-server/v2" },
  ldflags: [],
});

const natsStreaming = executables("nats-streaming-server", versions["nats-streaming-server"], {
  module: "workloads",
  packages: { "nats-streaming-server": "github.com/nats-io/nats-streaming-server" },
  ldflags: [],
});

const flagger = executables("flagger", versions.flagger, {
  module: "workloads",
  packages: { flagger: "github.com/fluxcd/flagger/cmd/flagger" },
  ldflags: [],
});

/** A program of our own, in place of what cannot be built. */
const standIn = executables("stand-in", "2", {
  module: "stand-in",
  packages: { "stand-in": "." },
  ldflags: [],
});

/** What container images of workloads contain, in addition to tools. */
export const imageExecutables: readonly ToolSpec[] = [
  certManagerImages,
  trustManager,
  knativeServing,
  prometheus,
  alertmanager,
  nats,
  natsStreaming,
  flagger,
  standIn,
];

/** The components that need a cluster and no cloud: `import { LinkerdMesh, OpenFaas } from "faasmesh"`. */

export { CanarySplit } from "../components/canary-split";
export type {
  Backend as CanaryBackend,
  CanarySplitArgs,
  GatewayRef,
  ProgressiveArgs,
} from "../components/canary-split";
export type { Weight } from "../components/canary-split/weights";
export { CertManager, type CertManagerArgs } from "../components/cert-manager";
export { Cluster, type ClusterArgs } from "../components/cluster";
export { Flagger, type FlaggerArgs } from "../components/flagger";
export { GatewayApi, type GatewayApiArgs } from "../components/gateway-api";
export { IngressWithCert, platformHosts } from "../components/ingress-with-cert";
export type {
  Backend as HostBackend,
  Controller as IngressController,
  Exposure as IngressExposure,
  HostArgs,
  IngressWithCertArgs,
  IssuerArgs,
  KnativeArgs as IngressKnativeArgs,
  PlatformHost,
  PlatformHosts,
  SolverArgs,
} from "../components/ingress-with-cert/args";
export type { DnsRecord, DnsZone, PlannedRecord } from "../components/ingress-with-cert/dns";
export { InletsOperator } from "../components/inlets-operator";
export type { InletsCloud, InletsCommonArgs, InletsOperatorArgs } from "../components/inlets-operator";
export { knativeHostnames, KnativeServing } from "../components/knative-serving";
export type {
  KnativeHostnamesArgs,
  KnativeServingArgs,
  Layer as KnativeLayer,
  ServiceArgs as KnativeServiceArgs,
  TrafficArgs as KnativeTrafficArgs,
  Visibility as KnativeVisibility,
} from "../components/knative-serving/args";
export { LinkerdMesh } from "../components/linkerd-mesh";
export type { AnchorsArgs, CertificatesArgs, CniArgs, LinkerdMeshArgs } from "../components/linkerd-mesh";
export { LinkerdViz } from "../components/linkerd-viz";
export type { GrafanaArgs, LinkerdVizArgs } from "../components/linkerd-viz/args";
export { MeshExisting } from "../components/mesh-existing";
export type { ExistingWorkload, MeshExistingArgs } from "../components/mesh-existing";
export { OpenFaas } from "../components/openfaas";
export type { FunctionArgs, OpenFaasArgs } from "../components/openfaas";

export { prepareCharts, type PrepareChartsArgs } from "../charts/prepare";
export { sourceOf } from "../charts/source";
export type { Catalogue, ChartSource, Mirror } from "../charts/source";
export type { Charts, ChartsArgs, LocalChart, PinName } from "../charts/args";

export { UnreachableError, UserError } from "../errors";
export type { ClusterCapabilities, ClusterOutputs } from "../kubernetes/cluster-outputs";
export { readKubeconfig } from "../kubernetes/kubeconfig";
export { mesh, meshAnnotations, meshTransform, podAnnotations } from "../kubernetes/mesh";
export type { Mesh, MeshOptions, NamespaceLike, WorkloadLike } from "../kubernetes/mesh";

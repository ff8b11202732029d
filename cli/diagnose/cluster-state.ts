import type {
  CoreV1Event,
  V1DaemonSet,
  V1Job,
  V1Namespace,
  V1Node,
  V1Pod,
  V1ReplicaSet,
  V1Service,
  V1StatefulSet,
} from "@kubernetes/client-node";

/** A Knative service, with the fields that are used here. */
export interface KnativeService {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
      /** RFC 3339. */
      readonly lastTransitionTime?: string;
    }[];
  };
}

/** The objects of a cluster that show why workloads do not run. Kinds that may not be listed are empty. */
export interface ClusterState {
  readonly pods: readonly V1Pod[];
  readonly events: readonly CoreV1Event[];
  readonly replicaSets: readonly V1ReplicaSet[];
  readonly statefulSets: readonly V1StatefulSet[];
  readonly daemonSets: readonly V1DaemonSet[];
  readonly jobs: readonly V1Job[];
  readonly services: readonly V1Service[];
  readonly namespaces: readonly V1Namespace[];
  readonly nodes: readonly V1Node[];
  readonly knativeServices: readonly KnativeService[];
}

/** Reads what a diagnosis needs from a cluster. Changes nothing. */
export interface ClusterReader {
  /** @throws Error if the API server cannot be reached */
  state(): Promise<ClusterState>;
  /** The end of a container's log; empty if it is not available. @param previous the log of its previous run */
  log(pod: V1Pod, container: string, previous: boolean): Promise<string[]>;
  /** The values of the Secrets in a namespace, decoded; empty if they may not be read. */
  secrets(namespace: string): Promise<string[]>;
}

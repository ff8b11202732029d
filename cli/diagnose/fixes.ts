import { needsInternet } from "../../components/openfaas/args";

/** What to do, by the reason of a finding. */

export const evicted = "give the nodes more memory or disk space, or lower what the pods use";

export const failedPod = "look at its events and log, and delete the pod once the cause is removed";

export const probe =
  "read the log; correct what the probe requests (for a function: HTTP on port 8080, path /_/health), or why it fails";

export const notReady = "read the log for what it waits for";

export const loadBalancer =
  "use a cluster with a controller for load balancers, or set the Service's type to NodePort or ClusterIP";

export const image = (name: string): string =>
  `correct the name or the tag of ${name} in the config; if they are right, give the nodes access to its registry`;

export const outOfMemory = (limit: string | undefined): string =>
  limit === undefined
    ? "give the nodes more memory"
    : `raise the memory limit of the container, now ${limit}`;

/** @param log the last lines of the container's log */
export function crash(container: string, log: readonly string[] = []): string {
  if (log.some((line) => line.includes(needsInternet.log))) return needsInternet.message;
  return `correct what the log of container ${container} reports`;
}

export function unscheduled(message: string): string {
  if (/Insufficient/.test(message))
    return "add a node or a larger one, or lower the requests and replicas in the config";
  if (/PersistentVolumeClaim/.test(message))
    return "give the cluster a default StorageClass, or the claim a volume: kubectl get storageclass,pvc -A";
  if (/taint|affinity|selector|topology/.test(message))
    return "add a node that the pod tolerates and selects; with `ha`, at least three nodes";
  return "correct what the scheduler reports";
}

/** For containers that cannot be created, and volumes that cannot be mounted. */
export function configuration(reason: string, message: string, namespace: string): string {
  const missing = /(secret|configmap) "([^"]+)" not found/i.exec(message);
  if (missing) {
    const [, kind = "", name = ""] = missing;
    return `create the ${/secret/i.test(kind) ? "Secret" : "ConfigMap"} ${name} in the namespace ${namespace}, or remove the reference to it`;
  }
  if (/couldn't find key|references non-existent.*key/i.test(message)) return "add the key that is missing";
  if (/runAsNonRoot/.test(message)) return "use an image with a user other than root, or set runAsUser";
  if (/FailedMount|FailedAttachVolume|FailedMapVolume/.test(reason))
    return `look at the volume and its driver: kubectl -n ${namespace} get pvc,events`;
  if (reason === "FailedCreatePodSandBox") return "repair the node's network plugin or container runtime";
  return "correct what the message reports: the container's command, its environment or its security context";
}

/** For pods that the API server rejects. */
export function rejected(message: string, namespace: string): string {
  const webhook = /failed calling webhook "([^"]+)"/.exec(message)?.[1];
  if (webhook?.includes("linkerd"))
    return (
      "bring Linkerd's injector back: kubectl -n linkerd get pods; pods that cannot get their proxy are rejected, " +
      "so run more than one injector (mesh.ha)"
    );
  if (webhook)
    return `bring the server of the webhook ${webhook} back: kubectl get mutatingwebhookconfigurations,validatingwebhookconfigurations`;
  if (/exceeded quota/.test(message)) return `raise the quota: kubectl -n ${namespace} get resourcequota`;
  if (/violates PodSecurity/.test(message))
    return (
      "allow these pods with the namespace's label pod-security.kubernetes.io/enforce, or change their security context" +
      "; the proxy's init container needs NET_ADMIN unless mesh.cni is enabled"
    );
  if (/serviceaccount "[^"]+" not found|error looking up service account/.test(message))
    return "create the ServiceAccount";
  if (/denied the request/.test(message)) return "change the pods, or the policy that denies them";
  return "correct what the API server reports";
}

export const job = (namespace: string, name: string): string =>
  `remove the cause, then delete the Job so that the next up creates it again: kubectl -n ${namespace} delete job ${name}`;

export const knative = (namespace: string, name: string): string =>
  `correct its config, with a new name in its revisions; details: kubectl -n ${namespace} describe revisions -l serving.knative.dev/service=${name}`;

export const node = (name: string): string => `repair or replace the node: kubectl describe node ${name}`;

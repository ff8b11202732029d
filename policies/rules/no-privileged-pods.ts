import { containersOf, podSpecOf } from "../pods";
import { at, type Finding, list, type PolicyObject, type Rule, texts } from "../rule";

/** The capabilities that the Pod Security Standards' "baseline" lets containers add. */
const harmless = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);

/**
 * No pod reaches out of its container, by the Pod Security Standards' "baseline"
 * (https://kubernetes.io/docs/concepts/security/pod-security-standards), but those on the list of exceptions.
 */
export const noPrivilegedPods: Rule = {
  name: "no-privileged-pods",
  description: "No pod has privileges on its node, but those on the list.",
  scope: "resource",
  check: (object) => [...ofPod(podSpecOf(object)), ...ofContainers(object)],
};

const found = (subject: string, problem: string, fix: string): Finding => ({ subject, problem, fix });

function ofPod(spec: unknown): Finding[] {
  const namespaces = ["hostNetwork", "hostPID", "hostIPC"]
    .filter((key) => at(spec, key) === true)
    .map((key) => found(key, `lets its pods share the node's namespaces (${key})`, `Leave ${key} out.`));
  const volumes = list(at(spec, "volumes")).flatMap((volume) => {
    const path = at(volume, "hostPath", "path");
    return typeof path !== "string"
      ? []
      : found(
          `hostPath ${path}`,
          `mounts ${path} of its node (hostPath)`,
          "Use a PersistentVolumeClaim, an emptyDir or a ConfigMap.",
        );
  });
  return [...namespaces, ...volumes, ...ofSecurityContext(at(spec, "securityContext"), "its pods")];
}

function ofContainers(object: PolicyObject): Finding[] {
  return containersOf(object).flatMap(({ name, properties }) => {
    const context = at(properties, "securityContext");
    const who = `container ${name}`;
    const privileged =
      at(context, "privileged") === true
        ? [
            found(
              `privileged ${name}`,
              `runs the ${who} privileged`,
              "Leave privileged out, and add single capabilities.",
            ),
          ]
        : [];
    const capabilities = texts(at(context, "capabilities", "add"))
      .filter((each) => !harmless.has(each.replace(/^CAP_/, "")))
      .map((each) =>
        found(`capability ${each}`, `gives the ${who} ${each}`, "Leave it out of capabilities.add."),
      );
    const ports = list(at(properties, "ports"))
      .map((port) => at(port, "hostPort"))
      .filter((port) => typeof port === "number" && port > 0)
      .map((port) =>
        found(
          `hostPort ${String(port)}`,
          `takes the port ${String(port)} of its node for the ${who} (hostPort)`,
          "Leave hostPort out, and lead to the pod through a Service.",
        ),
      );
    return [...privileged, ...capabilities, ...ports, ...ofSecurityContext(context, who)];
  });
}

/** What pods and containers have alike. */
function ofSecurityContext(context: unknown, who: string): Finding[] {
  const seccomp = at(context, "seccompProfile", "type") === "Unconfined";
  const proc = at(context, "procMount");
  return [
    ...(seccomp
      ? [
          found(
            "seccomp",
            `takes seccomp's filter off (${who})`,
            "Make seccompProfile.type RuntimeDefault, or leave it out.",
          ),
        ]
      : []),
    ...(proc !== undefined && proc !== "Default"
      ? [found("procMount", `shows all of /proc (${who})`, "Leave procMount out.")]
      : []),
    ...(at(context, "windowsOptions", "hostProcess") === true
      ? [found("hostProcess", `runs as processes of the node (${who})`, "Leave hostProcess out.")]
      : []),
  ];
}

import { containersOf, podSpecOf } from "../pods";
import { at, type Finding, list, type PolicyObject, type Rule, texts } from "../rule";

/** The capabilities that containers may add under the "baseline" Pod Security Standard. */
const baselineCapabilities = new Set([
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
 * Every pod meets the "baseline" Pod Security Standard
 * (https://kubernetes.io/docs/concepts/security/pod-security-standards), except those in the list of exceptions.
 */
export const noPrivilegedPods: Rule = {
  name: "no-privileged-pods",
  description: "No pod has privileges on its node, except those in the list of exceptions.",
  scope: "resource",
  check: (object) => [...podFindings(podSpecOf(object)), ...containerFindings(object)],
};

const finding = (subject: string, problem: string, fix: string): Finding => ({ subject, problem, fix });

function podFindings(spec: unknown): Finding[] {
  const namespaces = ["hostNetwork", "hostPID", "hostIPC"]
    .filter((key) => at(spec, key) === true)
    .map((key) => finding(key, `lets its pods share the node's namespaces (${key})`, `Remove ${key}.`));
  const volumes = list(at(spec, "volumes")).flatMap((volume) => {
    const path = at(volume, "hostPath", "path");
    return typeof path !== "string"
      ? []
      : finding(
          `hostPath ${path}`,
          `mounts ${path} of its node (hostPath)`,
          "Use a PersistentVolumeClaim, an emptyDir or a ConfigMap.",
        );
  });
  return [...namespaces, ...volumes, ...securityContextFindings(at(spec, "securityContext"), "its pods")];
}

function containerFindings(object: PolicyObject): Finding[] {
  return containersOf(object).flatMap(({ name, properties }) => {
    const context = at(properties, "securityContext");
    const who = `container ${name}`;
    const privileged =
      at(context, "privileged") === true
        ? [
            finding(
              `privileged ${name}`,
              `runs the ${who} privileged`,
              "Remove privileged, and add individual capabilities instead.",
            ),
          ]
        : [];
    const capabilities = texts(at(context, "capabilities", "add"))
      .filter((each) => !baselineCapabilities.has(each.replace(/^CAP_/, "")))
      .map((each) =>
        finding(
          `capability ${each}`,
          `grants the ${who} the capability ${each}`,
          "Remove it from capabilities.add.",
        ),
      );
    const ports = list(at(properties, "ports"))
      .map((port) => at(port, "hostPort"))
      .filter((port) => typeof port === "number" && port > 0)
      .map((port) =>
        finding(
          `hostPort ${String(port)}`,
          `binds the port ${String(port)} of its node to the ${who} (hostPort)`,
          "Remove hostPort, and expose the pod through a Service.",
        ),
      );
    return [...privileged, ...capabilities, ...ports, ...securityContextFindings(context, who)];
  });
}

/** Fields that pods and containers have in common. */
function securityContextFindings(context: unknown, who: string): Finding[] {
  const seccomp = at(context, "seccompProfile", "type") === "Unconfined";
  const proc = at(context, "procMount");
  return [
    ...(seccomp
      ? [
          finding(
            "seccomp",
            `disables seccomp (${who})`,
            "Set seccompProfile.type to RuntimeDefault, or remove it.",
          ),
        ]
      : []),
    ...(proc !== undefined && proc !== "Default"
      ? [finding("procMount", `exposes all of /proc (${who})`, "Remove procMount.")]
      : []),
    ...(at(context, "windowsOptions", "hostProcess") === true
      ? [finding("hostProcess", `runs as a process of the node (${who})`, "Remove hostProcess.")]
      : []),
  ];
}

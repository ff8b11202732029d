import { at, isHidden, type PolicyObject, type Rule } from "../rule";

/** The annotation that controls Linkerd's proxy injector. */
const annotation = "linkerd.io/inject";

/**
 * In a stack with Linkerd each namespace has an injection annotation: without one its pods communicate in plain text,
 * and it is not visible whether that is intended.
 */
export const meshedNamespaces: Rule = {
  name: "meshed-namespaces",
  description: "Every namespace is meshed, or explicitly excluded from the mesh.",
  scope: "stack",
  check: (object, { objects }) => {
    if (!isNamespace(object) || !objects.some(isControlPlane)) return [];
    const annotations = at(object.properties, "metadata", "annotations");
    const inject = at(annotations, annotation);
    if (isHidden(annotations) || isHidden(inject)) return [];
    if (["enabled", "ingress", "disabled"].includes(inject as string)) return [];
    return [
      {
        subject: annotation,
        problem:
          inject === undefined
            ? `does not declare whether its pods are in the mesh (${annotation})`
            : `has the annotation ${annotation}: ${JSON.stringify(inject)}, which Linkerd does not support`,
        fix: `Annotate it with ${annotation}: enabled, or disabled if it must not be in the mesh.`,
      },
    ];
  },
};

const isNamespace = ({ type }: PolicyObject): boolean => type === "kubernetes:core/v1:Namespace";

const isControlPlane = (object: PolicyObject): boolean =>
  isNamespace(object) &&
  at(object.properties, "metadata", "labels", "linkerd.io/is-control-plane") === "true";

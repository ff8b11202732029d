import { at, isHidden, type PolicyObject, type Rule } from "../rule";

/** The annotation by which Linkerd's injector decides. */
const annotation = "linkerd.io/inject";

/**
 * Where a stack has Linkerd, each of its namespaces says whether it is in the mesh: pods of one that says nothing talk
 * in the clear, and nobody sees that it was meant so.
 */
export const meshedNamespaces: Rule = {
  name: "meshed-namespaces",
  description: "Every namespace is meshed, or says that it is not.",
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
            ? `does not say whether its pods are in the mesh (${annotation})`
            : `has the annotation ${annotation}: ${JSON.stringify(inject)}, which Linkerd does not know`,
        fix: `Annotate it with ${annotation}: enabled, or disabled where it must stay out of the mesh.`,
      },
    ];
  },
};

const isNamespace = ({ type }: PolicyObject): boolean => type === "kubernetes:core/v1:Namespace";

const isControlPlane = (object: PolicyObject): boolean =>
  isNamespace(object) &&
  at(object.properties, "metadata", "labels", "linkerd.io/is-control-plane") === "true";

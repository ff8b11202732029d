import type * as pulumi from "@pulumi/pulumi";

/** The resources whose names differ by more than the prefix: the name in viz, and the former name in the mesh. */
const renamed: Readonly<Record<string, string>> = { namespace: "linkerd-viz", chart: "viz" };

/**
 * Options that alias the resources of viz to those in states of version 0.1, where they were children of the mesh.
 *
 * @param mesh the mesh component
 */
export function movedFromMesh(mesh: pulumi.Resource): pulumi.ComponentResourceOptions {
  const addAlias: pulumi.ResourceTransformation = ({ name, props, opts }) => {
    const part = name.replace(/^viz-?/, "");
    if (part === "") return undefined;
    const alias = { name: `mesh-${renamed[part] ?? part}`, parent: mesh };
    return { props, opts: { ...opts, aliases: [alias] } };
  };
  return { transformations: [addAlias] };
}

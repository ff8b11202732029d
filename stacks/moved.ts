import type * as pulumi from "@pulumi/pulumi";

/** What is called otherwise in the mesh; everything else kept the end of its name. */
const renamed: Readonly<Record<string, string>> = { namespace: "linkerd-viz", chart: "viz" };

/**
 * Options that let viz take over its resources from states of version 0.1, in which they were parts of the mesh.
 *
 * @param mesh the mesh, by its resource
 */
export function movedFromMesh(mesh: pulumi.Resource): pulumi.ComponentResourceOptions {
  const takeOver: pulumi.ResourceTransformation = ({ name, props, opts }) => {
    const part = name.replace(/^viz-?/, "");
    if (part === "") return undefined;
    const alias = { name: `mesh-${renamed[part] ?? part}`, parent: mesh };
    return { props, opts: { ...opts, aliases: [alias] } };
  };
  return { transformations: [takeOver] };
}

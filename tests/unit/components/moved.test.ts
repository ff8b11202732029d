import { strict as assert } from "node:assert";
import { LinkerdMesh } from "../../../components/linkerd-mesh/index";
import { LinkerdViz } from "../../../components/linkerd-viz/index";
import { movedFromMesh } from "../../../stacks/moved";
import { charts, type Registry, run } from "./mocks";
import { runPlatform } from "./run-platform";

/** By type, the names that viz's resources had in states of version 0.1, in which they were children of the mesh. */
const former: Record<string, string> = {
  "Namespace viz-namespace": "kubernetes:core/v1:Namespace::mesh-linkerd-viz",
  "Release viz-chart": "kubernetes:helm.sh/v3:Release::mesh-viz",
  "PrivateKey viz-tap-key": "tls:index/privateKey:PrivateKey::mesh-tap-key",
  "SelfSignedCert viz-tap": "tls:index/selfSignedCert:SelfSignedCert::mesh-tap",
  "Secret viz-tap-k8s-tls": "kubernetes:core/v1:Secret::mesh-tap-k8s-tls",
  "PrivateKey viz-tap-injector-key": "tls:index/privateKey:PrivateKey::mesh-tap-injector-key",
  "SelfSignedCert viz-tap-injector": "tls:index/selfSignedCert:SelfSignedCert::mesh-tap-injector",
  "Secret viz-tap-injector-k8s-tls": "kubernetes:core/v1:Secret::mesh-tap-injector-k8s-tls",
};
const inMesh = (of: string): string => `urn:pulumi:test::faasmesh::faasmesh:index:LinkerdMesh$${of}`;

/** The aliases of the program, without those of Pulumi's Kubernetes SDK: earlier versions of the same API. */
const aliases = (made: Registry) =>
  Object.fromEntries(
    made.all
      .map(({ id, name, aliases: all }) => [id, all.filter((alias) => !alias.endsWith(`::${name}`))] as const)
      .filter(([, own]) => own.length > 0),
  );
const expected = Object.fromEntries(Object.entries(former).map(([id, of]) => [id, [inMesh(of)]]));

describe("what moved since version 0.1", () => {
  it("is taken over from the mesh: all of viz, and nothing else", async () =>
    assert.deepEqual(aliases((await runPlatform({ openfaas: { ingressOperator: true } })).made), expected));

  it("is a matter of the platform's own stack alone", async () => {
    const { made } = await run(() => {
      const mesh = new LinkerdMesh("mesh", { charts });
      return new LinkerdViz("viz", { charts, mesh });
    });
    assert.deepEqual(aliases(made), {});
  });

  it("is reported in options, which leave the component itself alone", async () => {
    const { made } = await run(() => {
      const mesh = new LinkerdMesh("mesh", { charts });
      return new LinkerdViz("viz", { charts, mesh }, movedFromMesh(mesh));
    });
    assert.deepEqual(made.get("LinkerdViz viz").aliases, []);
    assert.deepEqual(aliases(made), expected);
  });
});

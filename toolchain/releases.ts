import { tools as versions } from "../versions";
import type { Download, Platform, ToolName } from "./tool-spec";

/** The URLs of a release on GitHub. */
export const github = (repository: string, tag: string) => ({
  file: (name: string) => `https://github.com/${repository}/releases/download/${tag}/${name}`,
  release: `https://api.github.com/repos/${repository}/releases/tags/${tag}`,
});

/** The version that Kubernetes' programs print. */
export const kubernetesLdflags = (["gitVersion", "gitMajor", "gitMinor"] as const).map((key) => {
  const [major, minor] = versions.kubernetes.split(".");
  const value = { gitVersion: `v${versions.kubernetes}`, gitMajor: major, gitMinor: minor }[key];
  return `-X k8s.io/component-base/version.${key}=${value}`;
});

/** A program as Kubernetes publishes it. */
export function kubernetesRelease({ os, arch }: Platform, tool: ToolName): Download {
  const url = `https://dl.k8s.io/release/v${versions.kubernetes}/bin/${os}/${arch}/${tool}`;
  return { url, checksum: { sums: `${url}.sha256` }, files: [tool] };
}

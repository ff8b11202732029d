import type { ImageFile } from "../archive/index";
import type { ToolName } from "../../toolchain/tools";

/** How an image compares with upstream's. */
export type Fidelity = "real" | "stand-in" | "built under another version";

/** How an image is built: one executable of the tool chain, and how it starts. */
export interface ImageRecipe {
  /** As containerd normalizes it: `docker.io/library/nats`. */
  readonly repository: string;
  /** Default: Envoy's executable from PyPI. */
  readonly tool?: ToolName;
  /** The version that the executable has; undefined for a stand-in. */
  readonly version?: string;
  /** What the executable is built from, or what it replaces. */
  readonly source: string;
  /** Where the executable is in the image. */
  readonly path: string;
  readonly entrypoint: readonly string[];
  readonly command?: readonly string[];
  readonly workingDir?: string;
  /** User and group. Default: 65532, `nonroot`. */
  readonly user?: string;
  readonly ports: readonly number[];
  readonly files?: readonly ImageFile[];
}

/** The user of images without another one. */
export const nonroot = "65532:65532";

export const commandPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Links to an executable, under other names that charts start it by. */
export const links = (target: string, ...paths: readonly string[]): ImageFile[] =>
  paths.map((path) => ({ path, link: target }));

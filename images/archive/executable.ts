import { execa } from "execa";
import type { ImageFile } from "./layer";

/**
 * An executable of this machine as files of an image: the executable, and the libraries that it is linked with, if any.
 *
 * @param path where the executable is in the image
 */
export async function executableFiles(source: string, path: string): Promise<ImageFile[]> {
  const { stdout } = await execa("ldd", [source], { reject: false, env: { LC_ALL: "C" } });
  const libraries = [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x[0-9a-f]+\)/g)].map(([, library]) => library!);
  return [
    { path, source, mode: 0o755 },
    ...libraries.map((library) => ({ path: library, source: library, mode: 0o755 })),
  ];
}

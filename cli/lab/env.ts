import { pulumiTools } from "../../engine/environment";
import { ensureTools } from "../../toolchain/ensure";
import type { Progress } from "../../toolchain/progress";
import { requireLab } from "./lab";
import { pulumiEnv } from "./stack";

/** Shell commands that export the environment in which the Pulumi CLI works on a lab. */
export async function shellEnv(name: string, progress: Progress): Promise<string> {
  const lab = requireLab(name);
  const { pulumi } = await ensureTools(pulumiTools, progress);
  const lines = Object.entries(pulumiEnv(lab, pulumi)).map(
    ([key, value]) => `export ${key}='${value.replaceAll("'", "'\\''")}'`,
  );
  return lines.join("\n");
}

import { controllerTools, startControllers } from "../../../lab/controllers/controllers";
import type { Wanted } from "../../../lab/controllers/definitions";
import { plainProgress } from "../../../lab/progress";
import { ensureTools } from "../../../lab/toolchain/ensure";

// start-controllers.ts <lab> <wanted, as JSON>: starts controllers beside a lab, in a process of their own as `lab` is.

async function main(lab: string, wanted: Wanted): Promise<void> {
  const tools = await ensureTools(controllerTools(wanted), plainProgress(process.stderr));
  await startControllers(lab, wanted, tools, AbortSignal.timeout(60_000));
}

void main(process.argv[2]!, JSON.parse(process.argv[3]!) as Wanted);

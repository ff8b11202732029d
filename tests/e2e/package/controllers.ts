import { once } from "node:events";
import {
  controllerTools,
  stopControllers,
  withControllers,
} from "../../../simulator/controllers/controllers";
import { ensureTools } from "../../../toolchain/ensure";
import { plainProgress } from "../../../toolchain/progress";

// Starts Knative's controllers next to the simulated cluster of a lab. They are started again where they end, until
// standard input is closed, and run on after that until `stop`:
// node --require loader/register.js tests/e2e/package/controllers.ts LAB [stop]

const required = { knative: {} };

async function main(lab: string, stop: boolean): Promise<void> {
  if (stop) return stopControllers(lab);
  const tools = await ensureTools(controllerTools(required), plainProgress(process.stderr));
  process.stdin.resume();
  await withControllers(lab, required, tools, () => once(process.stdin, "end"));
}

main(process.argv[2]!, process.argv[3] === "stop").catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

import type { Command } from "commander";
import { options, print } from "../options";
import type { Diagnosis, DiagnoseOptions } from "./report";

/** `lab diagnose`: what in a cluster is not ready, and why. */
export function addDiagnose(lab: Command): void {
  lab
    .command("diagnose")
    .description("Show what in a cluster is not ready and why, and which pods lack Linkerd's proxy")
    .addOption(options.name())
    .option("--kubeconfig <file>", "any cluster, in place of a lab's: also one that `pulumi up` created")
    .option("--context <context>", "context of that kubeconfig. Default: its current context")
    .addOption(options.json())
    .action(async ({ json, ...args }: DiagnoseOptions & { json?: boolean }) => {
      const { diagnosisOf, diagnosisText } = await import("./report");
      const diagnosis: Diagnosis = await diagnosisOf(args);
      print(json, diagnosis, () => diagnosisText(diagnosis));
      if (diagnosis.findings.length + diagnosis.unmeshed.length > 0) process.exitCode = 1;
    });
}

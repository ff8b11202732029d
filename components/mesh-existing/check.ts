import { throwIfInvalid } from "../../errors";
import type { MeshExistingArgs } from "./args";

/**
 * Checks the arguments.
 * @throws UserError that reports all errors together
 */
export function check(name: string, { wholeNamespace, workloads = [] }: MeshExistingArgs): void {
  const labels = workloads.map(({ kind, name: workload }) => `${kind} ${workload}`);
  const duplicates = [...new Set(labels.filter((label, index) => labels.indexOf(label) < index))];
  throwIfInvalid(`MeshExisting "${name}"`, [
    ...(wholeNamespace === false && workloads.length === 0
      ? [
          {
            key: "workloads",
            got: "none, with wholeNamespace: false",
            expected: "at least one workload, or the whole namespace",
            fix: "remove wholeNamespace, or add a workload",
          },
        ]
      : []),
    ...duplicates.map((label) => ({
      key: "workloads",
      got: `${label} twice`,
      expected: "each workload once",
      fix: "remove one of them",
    })),
  ]);
}

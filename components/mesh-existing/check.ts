import { throwIfInvalid } from "../../errors";
import type { MeshExistingArgs } from "./args";

/** @throws UserError if arguments contradict each other */
export function check(name: string, { wholeNamespace, workloads = [] }: MeshExistingArgs): void {
  const labels = workloads.map(({ kind, name: workload }) => `${kind} ${workload}`);
  const twice = [...new Set(labels.filter((label, at) => labels.indexOf(label) < at))];
  throwIfInvalid(`MeshExisting "${name}"`, [
    ...(wholeNamespace === false && workloads.length === 0
      ? [
          {
            key: "workloads",
            got: "none, with wholeNamespace: false",
            expected: "at least one workload, or the whole namespace",
            fix: "leave wholeNamespace out, or name a workload",
          },
        ]
      : []),
    ...twice.map((label) => ({
      key: "workloads",
      got: `${label} twice`,
      expected: "each workload once",
      fix: "remove one of them",
    })),
  ]);
}

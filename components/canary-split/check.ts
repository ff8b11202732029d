import type { Backend, CanarySplitArgs } from "./args";
import { progressiveProblems } from "./progressive";
import { thousandths, totalWeight, weightText } from "./weights";
import { type Problem, throwIfInvalid } from "../../errors";

/**
 * Checks the arguments. Also rejects a split that the cluster would accept, but that would have no effect.
 * @throws UserError that reports all errors together
 */
export function check(name: string, args: CanarySplitArgs): void {
  throwIfInvalid(`CanarySplit "${name}"`, splitProblems(args));
}

/** Returns the problems of a split. */
export function splitProblems(args: CanarySplitArgs): Problem[] {
  const { progressive, backends = [] } = args;
  const unknown = unknownFunctions(args);
  if (progressive) return [...unknown, ...progressiveProblems(args)];
  return [...unknown, ...duplicateProblems(backends), ...weightProblems(backends), ...modeProblems(args)];
}

function unknownFunctions({ root, backends = [], known }: CanarySplitArgs): Problem[] {
  const references = [
    { key: "root", service: root },
    ...backends.map(({ service }, index) => ({ key: `backends[${index}].service`, service })),
  ];
  return references
    .filter(({ service }) => !known.includes(service))
    .map(({ key, service }) => ({
      key,
      got: `"${service}"`,
      expected: `one of the declared functions: ${[...known].sort().join(", ") || "(none)"}`,
      fix: "declare the function, or correct the name",
    }));
}

function duplicateProblems(backends: Backend[]): Problem[] {
  const services = backends.map(({ service }) => service);
  return services.flatMap((service, index) => {
    const first = services.indexOf(service);
    if (first === index) return [];
    return [
      {
        key: `backends[${index}].service`,
        got: `"${service}", the same as backends[${first}]`,
        expected: "each function once",
        fix: "combine its weights in one entry",
      },
    ];
  });
}

function weightProblems(backends: Backend[]): Problem[] {
  if (backends.length === 0)
    return [
      {
        key: "backends",
        got: "none",
        expected: "at least one",
        fix: "list the functions that receive calls, or remove the split to send all calls to the root",
      },
    ];
  const values = backends.map(({ weight }) => thousandths(weight));
  const problems = values.flatMap((value, index) =>
    value !== undefined
      ? []
      : [
          {
            key: `backends[${index}].weight`,
            got: JSON.stringify(backends[index]?.weight),
            expected: `a weight from 0m to ${totalWeight}m, or from 0% to 100% in steps of 0.1%`,
            fix: "write it like 900m or 90%",
          },
        ],
  );
  if (problems.length > 0) return problems;
  const sum = values.reduce<number>((total, value) => total + (value ?? 0), 0);
  if (sum === totalWeight) return [];
  return [
    {
      key: "backends",
      got: `weights that add up to ${weightText(sum)}`,
      expected: weightText(totalWeight),
      fix:
        sum > totalWeight
          ? `remove ${weightText(sum - totalWeight)}`
          : `add the missing ${weightText(totalWeight - sum)}`,
    },
  ];
}

/** Returns the problems of modes that the cluster would accept, but that would have no effect. */
function modeProblems({
  mode = "edge",
  clients = "gateway",
  directFunctions,
  gateway,
}: CanarySplitArgs): Problem[] {
  if (mode === "edge") {
    const problems: Problem[] = [];
    if (!gateway)
      problems.push({
        key: "gateway",
        got: "nothing",
        expected: "the Gateway that mode edge attaches to",
        fix: "set it, or use mode mesh for clients that call the function's Service",
      });
    if (clients === "service")
      problems.push({
        key: "mode",
        got: "edge, with clients: service",
        expected: "mesh, since calls to a Service do not go through the Gateway",
        fix: "use mode mesh, or clients: gateway",
      });
    return problems;
  }
  if (clients !== "gateway" || directFunctions) return [];
  return [
    {
      key: "mode",
      got: `${mode}, with clients: gateway`,
      expected:
        "edge, since the gateway of OpenFaaS CE calls /function/… at a pod's address, which the mesh does not split",
      fix: "use mode edge, or set clients: service if clients call its Service from inside the mesh",
    },
  ];
}

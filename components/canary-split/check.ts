import type { Backend, CanarySplitArgs } from "./args";
import { progressiveProblems } from "./progressive";
import { inWords, thousandths, whole } from "./weights";
import { type Problem, throwIfInvalid } from "../../errors";

/**
 * Refuses a split that does not add up, or that would silently do nothing.
 * @throws UserError with all that is wrong
 */
export function check(name: string, args: CanarySplitArgs): void {
  throwIfInvalid(`CanarySplit "${name}"`, splitProblems(args));
}

/** All that is wrong with a split. */
export function splitProblems(args: CanarySplitArgs): Problem[] {
  const { progressive, backends = [] } = args;
  const named = functionProblems(args);
  if (progressive) return [...named, ...progressiveProblems(args)];
  return [...named, ...duplicateProblems(backends), ...weightProblems(backends), ...modeProblems(args)];
}

function functionProblems({ root, backends = [], known }: CanarySplitArgs): Problem[] {
  const named = [
    { key: "root", service: root },
    ...backends.map(({ service }, at) => ({ key: `backends[${at}].service`, service })),
  ];
  return named
    .filter(({ service }) => !known.includes(service))
    .map(({ key, service }) => ({
      key,
      got: `"${service}"`,
      expected: `a function that there is: ${[...known].sort().join(", ") || "there is none"}`,
      fix: "declare the function or correct the name",
    }));
}

function duplicateProblems(backends: Backend[]): Problem[] {
  const services = backends.map(({ service }) => service);
  return services.flatMap((service, at) => {
    const first = services.indexOf(service);
    if (first === at) return [];
    return [
      {
        key: `backends[${at}].service`,
        got: `"${service}", which is backends[${first}] already`,
        expected: "each function once",
        fix: "add its weights together in one entry",
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
        fix: "name the functions that answer, or remove the split: the root then answers alone",
      },
    ];
  const values = backends.map(({ weight }) => thousandths(weight));
  const problems = values.flatMap((value, at) =>
    value !== undefined
      ? []
      : [
          {
            key: `backends[${at}].weight`,
            got: JSON.stringify(backends[at]?.weight),
            expected: `a share from 0m to ${whole}m, or from 0% to 100% in steps of 0.1%`,
            fix: "write it like 900m or 90%",
          },
        ],
  );
  if (problems.length > 0) return problems;
  const sum = values.reduce<number>((total, value) => total + (value ?? 0), 0);
  if (sum === whole) return [];
  return [
    {
      key: "backends",
      got: `weights that add up to ${inWords(sum)}`,
      expected: inWords(whole),
      fix: sum > whole ? `take ${inWords(sum - whole)} off` : `add the missing ${inWords(whole - sum)}`,
    },
  ];
}

/** Modes that would be accepted by the cluster and change nothing. */
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
        expected: "the Gateway at which mode edge splits",
        fix: "name it, or use mode mesh for clients that call the function's Service",
      });
    if (clients === "service")
      problems.push({
        key: "mode",
        got: "edge, with clients: service",
        expected: "mesh, since calls to a Service do not pass the Gateway",
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
      fix: "use mode edge, or say clients: service if what calls it dials its Service from inside the mesh",
    },
  ];
}

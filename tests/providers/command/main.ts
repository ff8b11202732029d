import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { stringify } from "yaml";
import { serve } from "../stand-in";

/** What k3s would have written: the kubeconfig FAASMESH_STANDIN_KUBECONFIG. */
function kubeconfig(): string {
  const file = process.env["FAASMESH_STANDIN_KUBECONFIG"];
  if (file) return readFileSync(file, "utf8");
  const name = "default";
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: "https://127.0.0.1:6443" } }],
    users: [{ name, user: { token: "stand-in" } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
}

/** Runs a command of this machine, where FAASMESH_STANDIN_LOCAL is `run`: that is no cloud's. */
function runLocally({ create, interpreter, stdin, environment }: Record<string, unknown>) {
  if (process.env["FAASMESH_STANDIN_LOCAL"] !== "run") return { stdout: "", stderr: "" };
  const [program = "/bin/sh", ...args] = (interpreter as string[] | undefined) ?? ["/bin/sh", "-c"];
  const result = spawnSync(program, [...args, String(create)], {
    input: String((stdin as string | undefined) ?? ""),
    env: { ...process.env, ...(environment as Record<string, string> | undefined) },
    encoding: "utf8",
  });
  if (result.status !== 0) throw new Error(`running ${JSON.stringify(create)}:\n${result.stderr}`);
  return { stdout: result.stdout.trimEnd(), stderr: result.stderr.trimEnd() };
}

serve({
  name: "command",
  outputs: {
    "command:local:Command": (_id, inputs) => runLocally(inputs),
    "command:remote:Command": (_id, { create }) => ({
      stdout: String(create).includes("k3s.yaml") ? kubeconfig() : "",
      stderr: "",
    }),
  },
  replacedBy: { "command:remote:Command": ["triggers"], "command:local:Command": ["triggers"] },
  rules: {
    // The provider runs whatever it is given on whatever answers: the tests are stricter.
    "command:remote:Command": ({ connection }) => {
      // The whole connection is unknown before its machine is made.
      const isKnown = typeof connection === "object" && connection !== null;
      return !isKnown || "hostKey" in connection
        ? []
        : [{ property: "connection.hostKey", reason: "is missing, so that any machine would be believed" }];
    },
  },
});

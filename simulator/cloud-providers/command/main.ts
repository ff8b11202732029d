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

/**
 * A command of this machine runs for real, as the provider runs it: with its interpreter, by default `/bin/sh -c`, its
 * environment and standard input. What it asks for may be stood in for on PATH. Nothing runs where
 * FAASMESH_STANDIN_LOCAL is `skip`.
 */
function runHere(script: unknown, { interpreter, environment, stdin }: Record<string, unknown>) {
  if (process.env["FAASMESH_STANDIN_LOCAL"] === "skip") return { stdout: "", stderr: "" };
  const [program = "/bin/sh", ...args] = (interpreter as string[] | undefined) ?? ["/bin/sh", "-c"];
  const { status, stdout, stderr } = spawnSync(program, [...args, String(script)], {
    env: { ...process.env, ...(environment as Record<string, string> | undefined) },
    input: typeof stdin === "string" ? stdin : "",
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`exit status ${status}: ${stderr}`);
  return { stdout: stdout.trimEnd(), stderr: stderr.trimEnd() };
}

serve({
  name: "command",
  outputs: {
    "command:local:Command": (_id, inputs) => runHere(inputs["create"], inputs),
    "command:remote:Command": (_id, { create }) => ({
      stdout: String(create).includes("k3s.yaml") ? kubeconfig() : "",
      stderr: "",
    }),
  },
  replacedBy: { "command:local:Command": ["triggers"], "command:remote:Command": ["triggers"] },
  removed: {
    "command:local:Command": (properties) => {
      if (properties["delete"] !== undefined) runHere(properties["delete"], properties);
    },
  },
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

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { stringify } from "yaml";
import { serve } from "../stand-in";

/** The kubeconfig that k3s would have written: the content of FAASMESH_STANDIN_KUBECONFIG, else a placeholder. */
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
 * Runs a local command like the real provider: with its interpreter, by default `/bin/sh -c`, its environment and standard
 * input. Programs that it calls may be replaced on PATH. Does nothing if FAASMESH_STANDIN_LOCAL is `skip`.
 */
function runLocally(script: unknown, { interpreter, environment, stdin }: Record<string, unknown>) {
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
    "command:local:Command": (_id, inputs) => runLocally(inputs["create"], inputs),
    "command:remote:Command": (_id, { create }) => ({
      stdout: String(create).includes("k3s.yaml") ? kubeconfig() : "",
      stderr: "",
    }),
  },
  replaceOnChanges: { "command:local:Command": ["triggers"], "command:remote:Command": ["triggers"] },
  onDelete: {
    "command:local:Command": (properties) => {
      if (properties["delete"] !== undefined) runLocally(properties["delete"], properties);
    },
  },
  rules: {
    // Stricter than the real provider, which accepts any host key.
    "command:remote:Command": ({ connection }) => {
      // The connection is unknown until its machine is created.
      const isKnown = typeof connection === "object" && connection !== null;
      return !isKnown || "hostKey" in connection
        ? []
        : [{ property: "connection.hostKey", reason: "is missing, so that any machine would be trusted" }];
    },
  },
});

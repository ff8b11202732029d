# shellcheck shell=sh
# Makes a kind cluster from the config on standard input, unless it is there, and prints its kubeconfig.
set -eu
# One that a killed run left half-made has no kubeconfig yet.
if ! kind get kubeconfig --name "$KIND_CLUSTER" >/dev/null 2>&1; then
  # kind writes the admin's kubeconfig somewhere: not into the one of whoever runs this.
  scratch=$(mktemp)
  trap 'rm -f "$scratch"' EXIT
  kind delete cluster --name "$KIND_CLUSTER" --kubeconfig "$scratch" </dev/null >&2
  # All ports in use are reported before anything is created. Whoever may not listen on a port cannot tell.
  # shellcheck disable=SC2086
  [ -z "${KIND_PORTS:-}" ] || node -e '
    const { createServer } = require("node:net");
    for (const port of process.argv.slice(1))
      createServer()
        .once("error", ({ code }) => {
          if (code !== "EADDRINUSE") return;
          process.exitCode = 1;
          console.error(
            `ingress: got the port ${port} of 127.0.0.1, which is in use, expected a free port; ` +
              "stop the program that listens there, or choose another port",
          );
        })
        .listen({ port, host: "127.0.0.1", exclusive: true }, function () {
          this.close();
        });
  ' $KIND_PORTS </dev/null
  kind create cluster --name "$KIND_CLUSTER" --image "$KIND_IMAGE" --config - --wait 120s --kubeconfig "$scratch" >&2
fi
kind get kubeconfig --name "$KIND_CLUSTER"

# shellcheck shell=sh
# Makes a kind cluster from the config on standard input, unless it is there, and prints its kubeconfig.
set -eu
# One that a killed run left half-made has no kubeconfig yet.
if ! kind get kubeconfig --name "$KIND_CLUSTER" >/dev/null 2>&1; then
  # kind writes the admin's kubeconfig somewhere: not into the one of whoever runs this.
  scratch=$(mktemp)
  trap 'rm -f "$scratch"' EXIT
  kind delete cluster --name "$KIND_CLUSTER" --kubeconfig "$scratch" </dev/null >&2
  kind create cluster --name "$KIND_CLUSTER" --image "$KIND_IMAGE" --config - --wait 120s --kubeconfig "$scratch" >&2
fi
kind get kubeconfig --name "$KIND_CLUSTER"

# shellcheck shell=sh
# Removes a kind cluster; one that is not there is no error.
set -eu
scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
kind delete cluster --name "$KIND_CLUSTER" --kubeconfig "$scratch" >&2

# shellcheck shell=bash
# Prints the kubeconfig of the cluster's admin once the API server is ready.
set -euo pipefail
end=$((SECONDS + 300))
until /usr/local/bin/k3s kubectl get --raw /readyz >/dev/null 2>&1; do
  if ((SECONDS >= end)); then
    echo "the API server did not get ready within 300 s" >&2
    exit 1
  fi
  sleep 2
done
cat /etc/rancher/k3s/k3s.yaml

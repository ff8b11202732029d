# shellcheck shell=bash
# Brings k3s to a node, or to another version or config: run again, it does what is left to do.
# Set before it: K3S_ROLE, K3S_VERSION, K3S_SHA256 (may be empty), K3S_RELEASES, K3S_CONFIG, K3S_UNIT, K3S_PEERS,
# NODE_IP. Standard input: the server token (empty for agents) and the agent token, a line each.
set -euo pipefail
umask 077

prefix=${FAASMESH_PREFIX:-}
config=$prefix/etc/rancher/k3s
binary=$prefix/usr/local/bin/k3s
etcd=$prefix/var/lib/rancher/k3s/server/db/etcd

die() {
  echo "$1" >&2
  exit 1
}

wait_for_cloud_init() {
  local status=0
  cloud-init status --wait >/dev/null || status=$?
  # 2: finished, with errors that it recovered from.
  [[ $status -eq 0 || $status -eq 2 ]] || die "cloud-init failed: $(cloud-init status --long)"
}

install_binary() {
  if [[ -x $binary && "$("$binary" --version)" == "k3s version $K3S_VERSION "* ]]; then return; fi
  local from=$K3S_RELEASES/${K3S_VERSION/+/%2B} into sum=$K3S_SHA256
  into=$(mktemp -d)
  curl --fail --silent --show-error --location --retry 5 --output "$into/k3s" "$from/k3s"
  if [[ -z $sum ]]; then
    curl --fail --silent --show-error --location --retry 5 --output "$into/sums" "$from/sha256sum-amd64.txt"
    sum=$(awk '$2 == "k3s" { print $1 }' "$into/sums")
  fi
  [[ $sum =~ ^[0-9a-f]{64}$ ]] || die "the release $K3S_VERSION names no SHA-256 for k3s"
  sha256sum --check --quiet <<<"$sum  $into/k3s" || die "k3s $K3S_VERSION is not what its SHA-256 says; nothing was installed"
  install -D -m 755 "$into/k3s" "$binary.new"
  mv -f "$binary.new" "$binary"
  rm -r "$into"
}

write_config() {
  local interface peer
  mkdir -p "$config/config.yaml.d" "$prefix/etc/systemd/system"
  printf '%s\n' "$K3S_CONFIG" >"$config/config.yaml"
  # Pods talk over the private network, whose interface has another name on each image.
  interface=$(ip -oneline -4 address show to "$NODE_IP" | awk '{ print $2; exit }')
  [[ -n $interface ]] || die "no interface has the address $NODE_IP"
  echo "flannel-iface: $interface" >"$config/config.yaml.d/10-interface.yaml"
  # A first server that was replaced joins those that are left, instead of beginning a cluster of its own.
  rm -f "$config/config.yaml.d/20-join.yaml"
  for peer in $K3S_PEERS; do
    [[ ! -d $etcd ]] || break
    if [[ "$(curl --insecure --silent --max-time 5 "https://$peer:6443/ping" || true)" == pong ]]; then
      printf 'cluster-init: false\nserver: https://%s:6443\n' "$peer" >"$config/config.yaml.d/20-join.yaml"
      break
    fi
  done
  [[ -z $server_token ]] || echo "$server_token" >"$config/token"
  echo "$agent_token" >"$config/agent-token"
  printf '%s\n' "$K3S_UNIT" >"$prefix/etc/systemd/system/k3s.service"
}

wait_until_ready() {
  local end=$((SECONDS + 300))
  until is_ready; do
    ((SECONDS < end)) || die "k3s did not get ready within 300 s: $(journalctl --unit k3s --lines 20 --output cat)"
    sleep 2
  done
}

is_ready() {
  if [[ $K3S_ROLE == server ]]; then
    "$binary" kubectl get --raw /readyz >/dev/null 2>&1
  else
    curl --fail --silent --max-time 5 --output /dev/null http://127.0.0.1:10248/healthz
  fi
}

IFS= read -r server_token
IFS= read -r agent_token
wait_for_cloud_init
install_binary
write_config
systemctl daemon-reload
systemctl enable --quiet k3s
systemctl restart k3s
wait_until_ready

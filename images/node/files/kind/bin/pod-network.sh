#!/bin/bash
# The network of pods: the CNI configuration for this node's range of addresses, and routes to the ranges of the other
# nodes. It takes the place of kindnet.
set -euo pipefail

config=/kind/kubeadm.conf
export KUBECONFIG=/etc/kubernetes/kubelet.conf
until [[ -f $config && -f $KUBECONFIG ]]; do sleep 0.5; done

# The first range of a key of kubeadm's configuration: `podSubnet: "10.244.0.0/16,fd00::/56"`.
range() { sed -n "s/^ *$1: *\"\{0,1\}\([^\",]*\).*/\1/p" "$config" | head -n 1; }
pods=$(range podSubnet)
services=$(range serviceSubnet)

# Creates a chain, or empties it, and jumps to it from other chains.
chain() {
  local table=$1 name=$2
  iptables -w -t "$table" -N "$name" 2>/dev/null || iptables -w -t "$table" -F "$name"
  shift 2
  for hook in "$@"; do
    iptables -w -t "$table" -C "$hook" -j "$name" 2>/dev/null || iptables -w -t "$table" -A "$hook" -j "$name"
  done
}

# Pods reach addresses outside of the cluster with the node's address.
chain nat POD-MASQUERADE POSTROUTING
iptables -w -t nat -A POD-MASQUERADE ! -s "$pods" -j RETURN
iptables -w -t nat -A POD-MASQUERADE -d "$pods" -j RETURN
iptables -w -t nat -A POD-MASQUERADE -d 224.0.0.0/4 -j RETURN
iptables -w -t nat -A POD-MASQUERADE -j MASQUERADE

# Until kube-proxy has its rules, connections to Services would leave the node, and conntrack would keep that route.
# A dropped packet is sent again, and then takes kube-proxy's route.
chain filter SERVICES-ONLY FORWARD OUTPUT
iptables -w -A SERVICES-ONLY -d "$services" -j DROP

own=
until [[ -n $own ]]; do
  own=$(kubectl get node "$(hostname)" -o jsonpath='{.spec.podCIDR}' 2>/dev/null) || true
  [[ -n $own ]] || sleep 0.5
done

# The state is below /run: pods lose their addresses when the node restarts.
mkdir -p /etc/cni/net.d
cat >/etc/cni/net.d/.pods.conflist <<END
{
  "cniVersion": "0.4.0",
  "name": "pods",
  "plugins": [
    {
      "type": "ptp",
      "ipMasq": false,
      "ipam": {
        "type": "host-local",
        "dataDir": "/run/cni-ipam-state",
        "routes": [{ "dst": "0.0.0.0/0" }],
        "ranges": [[{ "subnet": "$own" }]]
      }
    },
    { "type": "portmap", "capabilities": { "portMappings": true } }
  ]
}
END
mv /etc/cni/net.d/.pods.conflist /etc/cni/net.d/10-pods.conflist

line='{.metadata.name} {.spec.podCIDR} {.status.addresses[?(@.type=="InternalIP")].address}{"\n"}'
while true; do
  # The addresses of a node may be of both families.
  kubectl get nodes --watch -o "jsonpath=$line" 2>/dev/null | while read -r name range address _; do
    [[ $name == "$(hostname)" || -z $address ]] || ip route replace "$range" via "$address" || true
  done || true
  sleep 1
done

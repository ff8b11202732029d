#!/bin/sh
# iptables for kube-proxy, with the backend of the node's kubelet, which creates a chain as a hint.
backend=legacy
! /usr/sbin/xtables-nft-multi iptables-save -t mangle 2>/dev/null | grep -q KUBE-IPTABLES-HINT || backend=nft
exec "/usr/sbin/xtables-$backend-multi" "${0##*/}" "$@"

#!/bin/sh
# Writes the kubelet's flags for what this machine lacks, before each start of the kubelet.
set -eu
flags=--runtime-cgroups=/system.slice/containerd.service

# The kubelet runs on cgroup v1 only if it is allowed to.
[ -f /sys/fs/cgroup/cgroup.controllers ] || flags="$flags --fail-cgroupv1=false"

# Without CAP_SYS_RESOURCE the kubelet cannot lower its OOM score, as in a user namespace.
bounding=$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status)
[ $((0x$bounding >> 24 & 1)) = 1 ] || flags="$flags --feature-gates=KubeletInUserNamespace=true"

echo "KUBELET_EXTRA_ARGS=$flags" >/etc/default/kubelet

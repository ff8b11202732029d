#!/bin/bash
# Turns a Debian system into the base of a kind node, as kind's images/base/Dockerfile does. It runs inside the system,
# after kind's files and our own have been copied into it.
set -euo pipefail

# Services that a container does not need.
find /lib/systemd/system/sysinit.target.wants/ -name systemd-tmpfiles-setup.service -delete
rm -f /lib/systemd/system/multi-user.target.wants/* /etc/systemd/system/*.wants/*
rm -f /lib/systemd/system/local-fs.target.wants/* /lib/systemd/system/basic.target.wants/*
rm -f /lib/systemd/system/sockets.target.wants/*{udev,initctl}*
echo "ReadKMsg=no" >>/etc/systemd/journald.conf

# A unit with OOMScoreAdjust does not start without CAP_SYS_RESOURCE.
sed -i '/^OOMScoreAdjust=/d' /etc/systemd/system/containerd.service
sed -i 's/restrict_oom_score_adj = false/restrict_oom_score_adj = true/' /etc/containerd/config.toml
systemctl enable kubelet.service containerd.service undo-mount-hacks.service pod-network.service
systemctl mask systemd-binfmt.service

# Where kind's files expect the programs of containerd and of CNI.
ln -sf /usr/bin/containerd /usr/bin/ctr /usr/bin/containerd-shim-runc-v2 /usr/local/bin/
mkdir -p /opt/cni/bin /etc/kubernetes/manifests
for plugin in host-local loopback portmap ptp; do ln -f "/usr/lib/cni/$plugin" /opt/cni/bin/; done
ctr oci spec |
  jq '.hooks.createContainer += [{ "path": "/kind/bin/mount-product-files.sh" }] | del(.process.rlimits)' \
    >/etc/containerd/cri-base.json

rm -rf /usr/lib/cni /usr/share/{doc,man,locale,info} /usr/bin/containerd-shim{,-runc-v1}
rm -rf /var/cache/* /var/lib/apt/lists/* /var/log/* /etc/machine-id
find /boot /tmp /run -mindepth 1 -delete

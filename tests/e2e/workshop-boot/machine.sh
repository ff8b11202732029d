#!/bin/bash
# A machine for tests of cloud-init: namespaces of its own, a root file system, the address that a VM is given, and on
# the other side of a wire the cloud's metadata service. Run as: unshare --net --mount --pid --fork --uts --mount-proc
# bash machine.sh ROOT ADDRESS. It prints "up", and is there until its standard input ends.
set -euo pipefail
root=$1 address=$2

ip link set lo up
ip address add "$address/32" dev lo
ip link add name wire0 type veth peer name wire1
unshare --net sleep infinity &
cloud=$!
until [[ "$(readlink "/proc/$cloud/ns/net")" != "$(readlink /proc/self/ns/net)" ]]; do sleep 0.1; done
ip link set wire1 netns "$cloud"
ip address add 192.0.2.1/30 dev wire0
ip link set wire0 up
ip route add 169.254.169.254/32 via 192.0.2.2
in_cloud() { nsenter --net="/proc/$cloud/ns/net" "$@"; }
in_cloud ip link set lo up
in_cloud ip address add 192.0.2.2/30 dev wire1
in_cloud ip address add 169.254.169.254/32 dev lo
in_cloud ip link set wire1 up

mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
hostname workshop
in_cloud chroot "$root" python3 -m http.server 80 --bind 169.254.169.254 --directory /srv/metadata \
  >"$root/var/log/metadata.log" 2>&1 &
chroot "$root" python3 -m http.server 8099 --bind 127.0.0.1 --directory /srv/mirror >"$root/var/log/mirror.log" 2>&1 &
for port in 127.0.0.1:8099 169.254.169.254:80; do
  for ((try = 0; try < 100; try++)); do
    ! curl --silent --output /dev/null "http://$port/" || break
    sleep 0.1
  done
done
echo up
cat >/dev/null

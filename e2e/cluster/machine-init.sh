#!/bin/sh
# Makes the namespaces this runs in a machine of the test cluster, then becomes its process 1.
# What a node writes goes to a /run and a /var of its own, so that killing process 1 leaves nothing mounted and nothing behind.
set -eu
name=$1 state=$2 bin=$3
hostname "$name"
# Mounts that kubelet makes for a pod must reach the containers that containerd starts.
mount --make-rshared /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/slipway/state /run/slipway/bin /run/slipway/sysctl /run/lock /run/netns
mount --bind "$state" /run/slipway/state
mount --bind "$bin" /run/slipway/bin
mkdir -p "/run/slipway/state/$name/var/lib" "/run/slipway/state/$name/var/log" "/run/slipway/state/$name/var/tmp"
mount --bind "/run/slipway/state/$name/var" /var
ln -sfn /run /var/run
# Kubelet sets these for the whole kernel; it gets copies to set, and the host keeps its own.
for key in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
  copy=/run/slipway/sysctl/$(basename "$key")
  cat "/proc/sys/$key" >"$copy"
  mount --bind "$copy" "/proc/sys/$key"
done
ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward
# A network namespace lives as long as its connections: those of killed programs must give up soon after their peers are gone.
echo 1 >/proc/sys/net/ipv4/tcp_orphan_retries
exec /run/slipway/bin/pause

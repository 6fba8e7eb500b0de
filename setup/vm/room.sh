#!/bin/sh
# The first process of a room for libvirt, for machines where its daemons do not run: mounts and processes of its own, so
# that nothing of this machine's libvirt is changed, and all of it ends with this process.
# Started by unshare(1) with --mount --pid; $1 is the directory that holds what libvirt writes.
set -eu
state=$1
for pair in etc:/etc/libvirt lib:/var/lib/libvirt cache:/var/cache/libvirt log:/var/log/libvirt run:/run/libvirt dbus:/run/dbus; do
  from=$state/${pair%%:*} to=${pair#*:}
  mkdir -p "$from" "$to"
  # What the packages put there; not what an earlier room left running.
  [ "$to" != "${to#/run/}" ] || [ -e "$from/.copied" ] || { cp -a "$to/." "$from" && touch "$from/.copied"; }
done
rm -rf "$state"/run/* "$state"/dbus/*
mkdir -p "$state/lib/images"
# As root, and without what only a machine run by systemd has: security labels, control groups, device namespaces.
cat >"$state/etc/qemu.conf" <<'CONF'
user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = []
namespaces = []
dynamic_ownership = 0
remember_owner = 0
stdio_handler = "file"
CONF
mount --make-rprivate /
for pair in etc:/etc/libvirt lib:/var/lib/libvirt cache:/var/cache/libvirt log:/var/log/libvirt run:/run/libvirt dbus:/run/dbus; do
  mount --bind "$state/${pair%%:*}" "${pair#*:}"
done
mount -t proc proc /proc
dbus-daemon --system --fork --nopidfile
virtlogd --daemon
libvirtd --daemon
echo open >"$state/open"
# Reaps what the daemons leave behind.
trap 'exit 0' TERM INT
while :; do
  sleep 60 &
  wait $!
done

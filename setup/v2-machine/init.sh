#!/bin/sh
# Process 1 of the v2 machine: what systemd would do, as far as the proof needs it, and then the proof.
export PATH=/workbook/node_modules/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root LC_ALL=C.UTF-8 NODE_OPTIONS=--disable-warning=ExperimentalWarning
mountpoint -q /proc || mount -t proc proc /proc
mountpoint -q /sys || mount -t sysfs sys /sys
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts -o newinstance,ptmxmode=0666
ln -sf pts/ptmx /dev/ptmx
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
mount -t cgroup2 cgroup /sys/fs/cgroup
# The root's controllers can be passed on only when nothing of ours sits where sandboxes are made.
mkdir /sys/fs/cgroup/system
echo $$ >/sys/fs/cgroup/system/cgroup.procs
ip link set lo up
stty -F /dev/ttyS1 raw
cd /workbook
node --no-opt --no-maglev --no-sparkplug setup/v2-machine/guest.ts "$@" >/dev/ttyS1
# Whoever started the machine switches it off when this is said: by itself it does not always come to an end.
echo workbook-done
sleep 600

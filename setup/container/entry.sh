#!/bin/sh
# First program of the container: makes it a place where sandboxes can be made, then becomes the server.
set -eu
CGROUPS=/sys/fs/cgroup

# expected, found, remedy
fail() {
  echo "Expected $1, found $2. $3" >&2
  exit 1
}
RUN='docker run --privileged -p 127.0.0.1:8080:8080 …'

unshare --mount true 2>/dev/null ||
  fail 'to be allowed to make mounts and namespaces' 'a container without privileges' "Start it with $RUN"

if [ -e $CGROUPS/cgroup.controllers ]; then
  # A group that gives controllers to others may hold no process: all that is here moves to one beside the sandboxes.
  # cgroup-v2.rst, "No Internal Process Constraint"
  mkdir -p $CGROUPS/container
  while read -r pid; do
    echo "$pid" >$CGROUPS/container/cgroup.procs 2>/dev/null || true
  done <$CGROUPS/cgroup.procs
elif ! grep -q ' / /sys/fs/cgroup/[^ ]* .* - cgroup ' /proc/self/mountinfo; then
  # Version 1 and the host's cgroup namespace: the mounts show a part of the host's hierarchies. In a namespace of our own
  # the same groups are the root; mounted once more, they look like it. cgroup_namespaces(7)
  [ "${CGROUP_NAMESPACE-}" = own ] || CGROUP_NAMESPACE=own exec unshare --cgroup -- "$0" "$@"
  for mount in "$CGROUPS"/*; do
    [ ! -h "$mount" ] && mountpoint -q "$mount" || continue
    options=$(awk -v target="$mount" '$5 == target { print $NF }' /proc/self/mountinfo | tail -n 1 | sed 's/^rw,//; s/^ro,//')
    type=$(awk -v target="$mount" '$5 == target { for (i = 6; i < NF; i++) if ($i == "-") print $(i + 1) }' /proc/self/mountinfo | tail -n 1)
    umount "$mount"
    if [ "$type" = cgroup2 ]; then
      mount -t cgroup2 cgroup "$mount"
    else
      mount -t cgroup -o "$(echo "$options" | sed 's/xattr,//')" cgroup "$mount"
    fi
  done
fi

# Loop devices that the host makes later do not appear here by themselves. Documentation/admin-guide/devices.txt
for number in $(seq 0 63); do
  [ -e /dev/loop"$number" ] || mknod -m 660 /dev/loop"$number" b 7 "$number"
done

node setup/enter.mjs install
# tini reaps what sandboxes leave behind.
exec tini -g -- node --disable-warning=ExperimentalWarning sandbox-server/src/main.ts --host 0.0.0.0 --port 8080 "$@"

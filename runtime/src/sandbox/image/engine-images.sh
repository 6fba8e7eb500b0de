#!/bin/sh
# Unpacks the file systems of the Docker images `busybox` and `redis` from Debian's packages.
# Usage: engine-images.sh <suite> <directory>; leaves <directory>/busybox.tar and <directory>/redis.tar.
set -eu
suite=$1 out=$2
work=$(mktemp -d "$out/engine-XXXXXX")
trap 'rm -rf "$work"' EXIT

# Packages are only unpacked, with what they depend on; nothing of them runs. It ends when we are ended.
setpriv --pdeathsig TERM mmdebstrap --quiet --variant=extract --include=redis-server,busybox-static "$suite" "$work/all" >&2

pack() { tar --create --numeric-owner --owner=0 --group=0 --sort=name --mtime=@0 --directory="$1" --file="$2" .; }
skeleton() {
  mkdir -p "$1/bin" "$1/etc" "$1/proc" "$1/sys" "$1/dev" "$1/tmp" "$1/root" "$1/usr/local/bin" "$1/var"
  chmod 1777 "$1/tmp"
  echo 'root:x:0:0:root:/root:/bin/sh' >"$1/etc/passwd"
  echo 'root:x:0:' >"$1/etc/group"
  cp "$work/all/bin/busybox" "$1/bin/busybox"
  for applet in $("$work/all/bin/busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$1/bin/$applet"
  done
}

skeleton "$work/busybox"
pack "$work/busybox" "$out/busybox.tar"

# Redis with the libraries it is linked with, found by the loader it would use.
skeleton "$work/redis"
mkdir -p "$work/redis/data"
cp "$work/all/usr/bin/redis-check-rdb" "$work/redis/usr/local/bin/redis-server" # one program, told apart by its name
cp "$work/all/usr/bin/redis-cli" "$work/redis/usr/local/bin/redis-cli"
for binary in redis-check-rdb redis-cli; do
  loader=$(cd "$work/all" && ls -d lib64/ld-linux* lib/ld-linux* 2>/dev/null | head -n 1)
  chroot "$work/all" "/$loader" --list "/usr/bin/$binary" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$work/redis$(dirname "$library")"
    cp --dereference "$work/all$library" "$work/redis$library"
  done
done
pack "$work/redis" "$out/redis.tar"

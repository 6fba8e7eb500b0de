#!/bin/sh
# Makes a Debian machine the lab: the project from /vagrant, what it needs, and two systemd units.
# Runs at every `vagrant up`, and is quick when nothing has changed. Running sandboxes are never touched.
set -eu
SOURCE=/vagrant
HOME_DIRECTORY=/opt/docker-internals
DATA=/var/lib/docker-internals
UNITS=$SOURCE/setup/vm/guest
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root

# expected, found, remedy
fail() {
  echo "Expected $1, found $2. $3" >&2
  exit 1
}
AGAIN='Mend that and type vagrant up again: it goes on where it stopped.'

[ "$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)" -ge 1700 ] ||
  fail 'at least 2048 MiB of memory' "$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo) MiB" \
    'Type MEMORY=3072 vagrant reload.'

if [ -e /tmp/lab-ca.pem ]; then
  install -D -m 644 /tmp/lab-ca.pem /etc/docker-internals/ca.pem
  rm /tmp/lab-ca.pem
fi
if [ -e /etc/docker-internals/ca.pem ]; then
  export NODE_EXTRA_CA_CERTS=/etc/docker-internals/ca.pem NPM_CONFIG_CAFILE=/etc/docker-internals/ca.pem
fi

missing=
for package in ca-certificates nodejs npm rsync; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' $package 2>/dev/null || true)" = installed ] || missing="$missing $package"
done
if [ -n "$missing" ]; then
  echo "Installing Debian packages:$missing"
  words=$( (apt-get -q update && apt-get -q install -y --no-install-recommends $missing) 2>&1) ||
    fail "to install$missing" "that apt could not: $(echo "$words" | grep -E '^(E|W|Err)' | tail -n 1)" \
      "Is this computer connected to the network? $AGAIN"
fi

mkdir -p $HOME_DIRECTORY
changed=$(rsync -a --delete --out-format=%n --exclude node_modules --exclude .cache --exclude .git --exclude .vagrant \
  --exclude .site-from --exclude docs/.vitepress/cache --exclude docs/.vitepress/dist \
  $SOURCE/ $HOME_DIRECTORY/ | grep -v '/$' | head -n 1 || true)

# A site that was built before the machine was made saves building it here; whether it is the right one is looked at below.
built=$SOURCE/docs/.vitepress/dist
if [ -e $built/.built-from ] && ! cmp -s $built/.built-from $HOME_DIRECTORY/.site-from; then
  rsync -a --delete $built/ $HOME_DIRECTORY/docs/.vitepress/dist/
  cp $built/.built-from $HOME_DIRECTORY/.site-from
fi

cd $HOME_DIRECTORY
node setup/enter.mjs install || fail 'to install what the workbook needs' 'the error above' "$AGAIN"

for unit in docker-internals-sandboxes.service docker-internals.service; do
  cmp -s $UNITS/$unit /etc/systemd/system/$unit || {
    install -m 644 $UNITS/$unit /etc/systemd/system/$unit
    changed=$unit
  }
done
systemctl daemon-reload
systemctl --quiet enable --now docker-internals-sandboxes.service
systemctl --quiet enable docker-internals.service
# A restart costs no shell: the sandboxes are in the other unit.
if [ -n "$changed" ] || ! systemctl --quiet is-active docker-internals.service; then
  systemctl restart docker-internals.service
fi

for second in $(seq 120); do
  node -e 'fetch("http://127.0.0.1:8080/healthz").then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))' && break
  [ "$second" -lt 120 ] || {
    journalctl --unit docker-internals.service --lines 20 --no-pager --output cat >&2
    fail 'the workbook to answer' 'that it does not; its last words are above' "$AGAIN"
  }
  sleep 1
done
echo "Workbook ready: http://127.0.0.1:${PORT:-8080}/?token=$(cat $DATA/token)"

#!/bin/sh
# Asks for the hierarchies of control groups version 1 at the next boot. Debian 12's kernel and systemd still have them.
set -eu
mkdir -p /etc/default/grub.d
cat >/etc/default/grub.d/cgroup-v1.cfg <<'CFG'
GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=1"
CFG
update-grub

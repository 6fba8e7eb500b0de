#!/bin/sh
# mmdebstrap's customize hook: what makes a root file system ($1) a Vagrant box.
# https://developer.hashicorp.com/vagrant/docs/boxes/base
set -eu
root=$1
chroot "$root" useradd --create-home --shell /bin/bash vagrant
echo 'vagrant ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/vagrant"
chmod 440 "$root/etc/sudoers.d/vagrant"
# The well-known insecure key, which Vagrant replaces at the first `up`.
install -d -m 700 "$root/home/vagrant/.ssh"
install -m 600 /usr/share/rubygems-integration/all/gems/vagrant-*/keys/vagrant.pub "$root/home/vagrant/.ssh/authorized_keys"
chroot "$root" chown -R vagrant:vagrant /home/vagrant/.ssh

# Each machine makes its own host keys and its own id.
rm -f "$root"/etc/ssh/ssh_host_*
mkdir -p "$root/etc/systemd/system/ssh.service.d"
cat >"$root/etc/systemd/system/ssh.service.d/keys.conf" <<'UNIT'
[Service]
ExecStartPre=
ExecStartPre=/usr/bin/ssh-keygen -A
ExecStartPre=/usr/sbin/sshd -t
UNIT
echo 'UseDNS no' >"$root/etc/ssh/sshd_config.d/vagrant.conf"
: >"$root/etc/machine-id"

cat >"$root/etc/systemd/network/80-dhcp.network" <<'UNIT'
[Match]
Name=en* eth*
[Network]
DHCP=yes
[DHCPv4]
# Clones of one box must not share a lease.
ClientIdentifier=mac
UNIT
chroot "$root" systemctl enable systemd-networkd systemd-resolved ssh >/dev/null
chroot "$root" systemctl disable systemd-networkd-wait-online >/dev/null 2>&1 || true
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
echo lab >"$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 lab\n' >"$root/etc/hosts"
rm -rf "$root"/var/cache/apt/archives/*.deb

#!/bin/sh
# A bootable disk from a root file system, without loop devices or mounts: MBR, a FAT partition with syslinux, an ext4 one.
# $1 root file system, $2 disk to write (raw, sparse), $3 the kernel's further options, $4 size of the ext4 partition (MiB)
set -eu
root=$1 disk=$2 options=$3 size=$4
boot_size=192
work=$(mktemp -d -p "$(dirname "$disk")")
trap 'rm -rf "$work"' EXIT
uuid=$(cat /proc/sys/kernel/random/uuid)
printf 'UUID=%s / ext4 errors=remount-ro 0 1\n' "$uuid" >"$root/etc/fstab"

cat >"$work/syslinux.cfg" <<CFG
DEFAULT debian
PROMPT 0
LABEL debian
  KERNEL vmlinuz
  APPEND initrd=initrd.img root=UUID=$uuid rw net.ifnames=0 console=tty0 console=ttyS0 $options
CFG
truncate -s ${boot_size}M "$work/boot"
mkfs.vfat -F 32 -n BOOT "$work/boot" >/dev/null
syslinux --install "$work/boot"
mcopy -i "$work/boot" "$work/syslinux.cfg" ::syslinux.cfg
mcopy -i "$work/boot" "$root"/boot/vmlinuz-* ::vmlinuz
mcopy -i "$work/boot" "$root"/boot/initrd.img-* ::initrd.img
truncate -s "${size}M" "$work/root"
mkfs.ext4 -q -F -U "$uuid" -L root -d "$root" "$work/root"

truncate -s $((1 + boot_size + size))M "$disk"
printf '2048,%s,c,*\n,,L\n' $((boot_size * 2048)) | sfdisk --quiet "$disk"
dd if=/usr/lib/syslinux/mbr/mbr.bin of="$disk" bs=440 count=1 conv=notrunc status=none
dd if="$work/boot" of="$disk" bs=1M seek=1 conv=notrunc,sparse status=none
dd if="$work/root" of="$disk" bs=1M seek=$((1 + boot_size)) conv=notrunc,sparse status=none

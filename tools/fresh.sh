#!/bin/sh
# fresh.sh SUITE: the README's two commands, timed, in a fresh clone in an empty Debian of that suite
# (bookworm: Python 3.11, trixie: 3.13, sid: the newest). Needs root and debootstrap; the system is
# laid into a temporary folder, and nothing of this machine is changed.
set -eu

suite=${1:-trixie}
cd "$(dirname "$0")/.."
command -v debootstrap >/dev/null || {
	echo 'fresh: debootstrap is not installed (apt-get install debootstrap)' >&2
	exit 1
}
top=$(mktemp -d)
# The folder is removed only when nothing of this machine is mounted in it.
trap 'umount "$top/proc" 2>/dev/null || true; mountpoint -q "$top/proc" || rm -rf "$top"' EXIT

debootstrap --variant=minbase --include=python3,python3-venv,make,git,ca-certificates \
	"$suite" "$top" >"$top.log" || { tail -5 "$top.log" >&2; exit 1; }
rm -f "$top.log"
git clone --quiet . "$top/root/tdxreview"
for file in /etc/resolv.conf /etc/pip.conf /etc/ssl/certs/ca-certificates.crt; do
	[ ! -e "$file" ] || cp "$file" "$top$file"
done
mount -t proc proc "$top/proc"

inside() { chroot "$top" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 sh -ec "$1"; }
inside 'python3 --version; git config --global --add safe.directory /root/tdxreview'
for target in review test; do
	start=$(date +%s)
	inside "cd /root/tdxreview && make $target" || { echo "fresh: $suite: make $target failed"; exit 1; }
	echo "fresh: $suite: make $target took $(($(date +%s) - start)) s"
done

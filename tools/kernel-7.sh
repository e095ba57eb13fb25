#!/bin/sh
# Brings the parts of a Linux 7.x (7.3 or later) that the kernel tests need into ./kernel-7, from a newer
# suite of the Debian mirror that apt uses; apt's own settings and lists stay as they are. Where there is
# none it says so in a line, and the tests skip.
set -eu

suites="trixie-backports forky-backports testing unstable"
parts="Makefile arch/x86 include virt kernel drivers/virt/coco"
top=kernel-7

cd "$(dirname "$0")/.."
[ ! -d "$top" ] || { echo "$top: already there"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work" "$top.new"' EXIT

give_up() {
	echo "$top: $1; the tests on it skip"
	exit 0
}

for tool in apt-get dpkg-deb xz; do
	command -v "$tool" >/dev/null || give_up "$tool is not on this machine"
done

apt() { # COMMAND…: with lists of its own
	command=$1
	shift
	"$command" -o Dir::Etc::SourceList="$work/list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" \
		-o Acquire::Languages=none "$@" 2>/dev/null
}

newest() { # the newest linux-source-7.N from 7.3 on that the lists know
	apt apt-cache pkgnames linux-source-7. |
		sed -n 's/^linux-source-7\.\([0-9]*\)$/\1/p' | sort -n | tail -1 |
		while read -r minor; do [ "$minor" -lt 3 ] || echo "linux-source-7.$minor"; done
}

mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Label: Debian' 2>/dev/null |
	sort -u | head -1)
[ -n "$site" ] || give_up "apt names no Debian mirror"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e "$keys" ] && signed="[signed-by=$keys] " || signed=""

package=""
for suite in $suites; do
	echo "deb $signed$site $suite main" >"$work/list"
	apt apt-get update -qq || continue
	package=$(newest)
	[ -z "$package" ] || break
done
[ -n "$package" ] || give_up "no Linux 7.3 or later in $suites"
(cd "$work" && apt apt-get download -qq "$package") || give_up "apt-get cannot download $package"

mkdir -p "$top.new"
wanted=$(for part in $parts; do printf '%s/%s ' "$package" "$part"; done)
# shellcheck disable=SC2086 # the list is meant to be split
dpkg-deb --fsys-tarfile "$work"/*.deb |
	tar --extract --to-stdout "./usr/src/$package.tar.xz" |
	xz --decompress --threads=0 |
	tar --extract --directory "$top.new" --strip-components=1 $wanted 2>/dev/null ||
	give_up "$package does not hold what it should"
version=$(dpkg-deb --field "$work"/*.deb Version)
mv "$top.new" "$top"
echo "$top: $package $version, $(find "$top" -type f | wc -l) files"

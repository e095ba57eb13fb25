#!/bin/sh
# Brings the parts of Debian's linux-source-6.12 that the kernel tests need into ./kernel, as a git
# repository with one commit; with --whole all of it into ./whole-kernel (2 GB, for `make bench`).
# Needs apt-get and dpkg-deb; root only if apt has no package lists yet.
set -eu

package=linux-source-6.12
parts="arch/x86 include virt kernel scripts/checkpatch.pl scripts/spelling.txt scripts/const_structs.checkpatch"
top=kernel
if [ "${1:-}" = --whole ]; then
	parts=""
	top=whole-kernel
fi

cd "$(dirname "$0")/.."
if [ -d "$top/.git" ]; then
	echo "$top: already there ($(git -C "$top" log -1 --format=%s))"
	exit 0
fi

give_up() {
	echo "kernel: $1" >&2
	echo "kernel: give a tree of your own instead: TDXREVIEW_KERNEL=/path/to/linux make test" >&2
	exit 1
}

for tool in apt-get dpkg-deb xz git; do
	command -v "$tool" >/dev/null || give_up "$tool is not on this machine"
done

work=$(mktemp -d)
trap 'rm -rf "$work" "$top.new"' EXIT
download() { (cd "$work" && apt-get download -qq "$package" 2>/dev/null); }
download || { apt-get update -qq && download; } || give_up "apt-get cannot download $package"

rm -rf "$top.new"
mkdir "$top.new"
wanted=$package
[ -z "$parts" ] || wanted=$(for part in $parts; do printf '%s/%s ' "$package" "$part"; done)
# shellcheck disable=SC2086 # the list is meant to be split
dpkg-deb --fsys-tarfile "$work"/*.deb |
	tar --extract --to-stdout "./usr/src/$package.tar.xz" |
	xz --decompress --threads=0 |
	tar --extract --directory "$top.new" --strip-components=1 $wanted ||
	give_up "$package does not hold what it should"

version=$(dpkg-deb --field "$work"/*.deb Version)
git init --quiet "$top.new"
git -C "$top.new" config gc.auto 0
git -C "$top.new" add --all --force
git -C "$top.new" -c user.name=tdxreview -c user.email=tdxreview@localhost \
	commit --quiet --message "$package $version"
git -C "$top.new" repack -a -d --quiet
rm -rf "$top"
mv "$top.new" "$top"
echo "$top: $package $version, $(git -C "$top" ls-files | wc -l) files"

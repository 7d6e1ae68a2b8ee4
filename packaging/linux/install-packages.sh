#!/usr/bin/env bash
# Installs the Debian packages that working on Handrail needs, and only those that are missing.
#
#   packaging/linux/install-packages.sh SET...
#
# SET is build (compiling the programs), display (virtual displays with programs on them: the demonstration and
# the tests), browser (testing the relay's web pages), windows (compiling for Windows), wine (trying what was compiled
# for Windows), ssh (comparing transfers of files with scp) or image (building the relay's container image). When everything is there it takes milliseconds and needs
# no rights. Where it cannot install, it prints the command that would and exits with status 1. With
# HANDRAIL_PACKAGES=installed it does nothing: for systems that have the same things under other names.
set -euo pipefail
[[ ${HANDRAIL_PACKAGES:-} != installed ]] || exit 0

build=(gcc libc6-dev pkg-config libgl1-mesa-dev libegl1-mesa-dev xorg-dev libx11-dev libxtst-dev libxkbcommon-dev
	libxkbcommon-x11-dev libx11-xcb-dev libxcb-xkb-dev libwayland-dev wayland-protocols libpng-dev)
display=(xvfb xserver-xephyr x11-xkb-utils zenity xauth libgl1-mesa-dri openbox picom xterm l3afpad xdotool xclip imagemagick x11-utils x11-xserver-utils
	strace feh xfconf libxfconf-0-3 libglib2.0-bin dconf-gsettings-backend gsettings-desktop-schemas dbus-daemon dbus-bin dunst
	tesseract-ocr fonts-dejavu-core fonts-noto-cjk fonts-noto-color-emoji xfonts-base procps tinyproxy-bin squid nginx-light caddy postgresql)
browser=(chromium oathtool fonts-dejavu-core fonts-noto-cjk)
windows=(gcc-mingw-w64-x86-64)
wine=(wine wine64 gcc-mingw-w64-x86-64)
ssh=(openssh-server openssh-client)
image=(buildah busybox-static ca-certificates curl iproute2)

wanted=()
for set in "$@"; do
	case $set in
	build) wanted+=("${build[@]}") ;;
	display) wanted+=("${display[@]}") ;;
	browser) wanted+=("${browser[@]}") ;;
	windows) wanted+=("${windows[@]}") ;;
	wine) wanted+=("${wine[@]}") ;;
	ssh) wanted+=("${ssh[@]}") ;;
	image) wanted+=("${image[@]}") ;;
	*)
		echo "usage: ${0##*/} build|display|browser|windows|wine|ssh|image ..." >&2
		exit 2
		;;
	esac
done

missing=("${wanted[@]}")
if command -v dpkg-query >/dev/null; then
	# It fails when it does not know one of them, which is what it is asked for.
	installed=$({ dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' "${wanted[@]}" 2>/dev/null || true; } | sed -n 's/^ii *//p')
	installed=" ${installed//$'\n'/ } "
	missing=()
	for package in "${wanted[@]}"; do
		[[ $installed == *" $package "* ]] || missing+=("$package")
	done
fi
((${#missing[@]})) || exit 0

refuse() {
	echo "Handrail needs some system packages, and $1. This installs them on Debian:" >&2
	echo "  sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}" >&2
	exit 1
}

command -v apt-get >/dev/null || refuse "this is not a Debian system"
as_root=()
if ((EUID != 0)); then
	command -v sudo >/dev/null || refuse "you are not root and there is no sudo"
	as_root=(sudo)
	# Without a terminal nobody could type a password.
	[[ -t 0 ]] || as_root=(sudo -n)
fi

# apt sets its own exit status; its lines are of interest only when it fails.
apt() {
	local log
	log=$(mktemp)
	if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1; then
		cat "$log" >&2
		rm -f "$log"
		return 1
	fi
	rm -f "$log"
}

# Some packages bring a service. The tests start their own; the system's is not to be started by this.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
	printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
	"${as_root[@]}" chmod 755 "$policy"
	trap '"${as_root[@]}" rm -f "$policy"' EXIT
fi

echo "Installing packages: ${missing[*]}"
# A package list that is there may be old: try it first, and fetch a new one if it does not do.
if ! apt install --no-install-recommends -y "${missing[@]}" 2>/dev/null; then
	apt update || refuse "the list of packages could not be fetched"
	apt install --no-install-recommends -y "${missing[@]}" || refuse "they could not be installed"
fi

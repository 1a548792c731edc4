#!/bin/sh
# Renders every size that the bundler wants from the SVG files beside this script.
# Needs rsvg-convert (librsvg2-bin), icotool (icoutils) and png2icns (icnsutils).
set -eu
cd "$(dirname "$0")"
png() { rsvg-convert --width "$2" --height "$2" "$1.svg" --output "$3"; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for size in 16 24 32 48 64 128 256 512 1024; do png icon "$size" "$work/$size.png"; done
cp "$work/32.png" 32x32.png
cp "$work/64.png" 64x64.png
cp "$work/128.png" 128x128.png
cp "$work/256.png" 128x128@2x.png
cp "$work/256.png" 256x256.png
cp "$work/512.png" icon.png
icotool --create --output icon.ico "$work/16.png" "$work/24.png" "$work/32.png" "$work/48.png" "$work/64.png" --raw "$work/256.png"
png2icns icon.icns "$work/16.png" "$work/32.png" "$work/48.png" "$work/128.png" "$work/256.png" "$work/512.png" "$work/1024.png" >"$work/log" || { cat "$work/log" >&2; exit 1; }
png tray 64 tray.png
png tray-unread 64 tray-unread.png

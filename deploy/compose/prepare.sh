#!/bin/sh
# Makes what must differ from place to place: .env and secrets/. What is there already is kept.
#   ./prepare.sh HOST
set -eu
cd "$(dirname "$0")"
host=${1:-}
case $host in
'' | *[!A-Za-z0-9.-]*)
	echo "usage: ./prepare.sh HOST, the name under which people reach the control plane, such as updraft.example.org" >&2
	exit 2
	;;
esac
command -v openssl >/dev/null || {
	echo "openssl is needed to make secrets: install it" >&2
	exit 1
}
umask 077
if [ ! -e .env ]; then
	printf 'UPDRAFT_HOST=%s\nPOSTGRES_PASSWORD=%s\nOBJECTS_SECRET=%s\n' "$host" "$(openssl rand -hex 24)" "$(openssl rand -hex 24)" >.env.new
	mv .env.new .env
fi
mkdir -p secrets
for name in token secrets-key; do
	[ -e "secrets/$name" ] || {
		openssl rand -base64 32 >"secrets/$name.new"
		# The servers run as this user; without root the file is opened to the group and others of this machine.
		chown 10001 "secrets/$name.new" 2>/dev/null || chmod 644 "secrets/$name.new"
		mv "secrets/$name.new" "secrets/$name"
	}
done
echo "Ready for $(sed -n 's/^UPDRAFT_HOST=//p' .env). Keep a copy of .env and secrets/ where the backups are not."

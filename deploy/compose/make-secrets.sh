#!/bin/sh
# Draws the secrets of compose.yaml, those that are not there yet. Only the owner of this folder gets to them: Compose
# mounts the files as they are, and the process in the container is another user, so the files themselves can be read.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets
chmod 700 secrets
for name in admin-token redis-password sealing-key fingerprint-key; do
  [ -e "secrets/$name" ] || openssl rand -hex 32 >"secrets/$name"
  chmod 444 "secrets/$name"
done

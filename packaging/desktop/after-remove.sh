#!/bin/sh
# After the desktop package was removed; an upgrade calls it too, when the new one is in place.
case "$1" in upgrade | 1) exit 0 ;; esac
rm -f /usr/bin/dendro-desktop
if [ -f /etc/apparmor.d/dendro-desktop ]; then
  apparmor_parser --remove /etc/apparmor.d/dendro-desktop >/dev/null 2>&1 || true
  rm -f /etc/apparmor.d/dendro-desktop
fi
update-mime-database /usr/share/mime >/dev/null 2>&1 || true
update-desktop-database /usr/share/applications >/dev/null 2>&1 || true
if [ -d /run/systemd/system ]; then
  systemctl stop dendro.service >/dev/null 2>&1 || true
  systemctl daemon-reload || true
fi
# Compiled code, which comes back by itself.
rm -rf /var/cache/dendro
# Backups, plan files and the group stay; the history goes when the package is purged.
if [ "$1" = purge ]; then rm -rf /var/lib/dendro; fi

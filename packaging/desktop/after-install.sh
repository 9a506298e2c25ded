#!/bin/sh
# After the desktop package was installed, of deb and rpm alike.
ln -sf /opt/Dendro/dendro-desktop /usr/bin/dendro-desktop
# Chromium's sandbox: by user namespaces where the kernel has them, else by its setuid helper.
if unshare --user true 2>/dev/null; then mode=0755; else mode=4755; fi
chmod "$mode" /opt/Dendro/chrome-sandbox || true
# Ubuntu allows user namespaces to programs with a profile only; it is skipped where it does not parse.
profile=/opt/Dendro/resources/apparmor-profile
if [ -f "$profile" ] && apparmor_status --enabled >/dev/null 2>&1 &&
  apparmor_parser --skip-kernel-load "$profile" >/dev/null 2>&1; then
  cp -f "$profile" /etc/apparmor.d/dendro-desktop
  apparmor_parser --replace --write-cache /etc/apparmor.d/dendro-desktop || true
fi
update-mime-database /usr/share/mime >/dev/null 2>&1 || true
update-desktop-database /usr/share/applications >/dev/null 2>&1 || true
gtk-update-icon-cache -q /usr/share/icons/hicolor >/dev/null 2>&1 || true
# The group whose members may use the service, and the service itself.
getent group dendro >/dev/null || groupadd --system dendro || true
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
  if command -v deb-systemd-helper >/dev/null; then
    deb-systemd-helper enable dendro.service >/dev/null || true
  else
    systemctl preset dendro.service >/dev/null 2>&1 || true
  fi
  if systemctl --quiet is-enabled dendro.service; then systemctl restart dendro.service || true; fi
  udevadm control --reload >/dev/null 2>&1 || true
fi

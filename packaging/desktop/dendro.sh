#!/bin/sh
# The command line of the desktop package. A file and no link: polkit compares its path.
exec /opt/Dendro/program/bin/dendro "$@"

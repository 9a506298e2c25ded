#!/bin/sh
# The command line of an installed Dendro, with the Node that came with it.
self=$(readlink -f "$0")
here=${self%/bin/*}/lib/dendro
# Node puts /dev/null where standard output is closed, and all that is written there is lost without an
# error. What is open for reading only can be written to no better than what is closed.
if [ -e /proc/self/fd/2 ] && ! [ -e /proc/self/fd/1 ]; then exec 1</dev/null; fi
# Compiled code is kept for the next start. The folder is the user's own: code from a folder that
# others can write to must not be run.
# It is made here: where that cannot be (/proc), Node would try for ever.
if [ -z "$NODE_COMPILE_CACHE" ] && [ -n "${XDG_CACHE_HOME:-$HOME}" ]; then
  compiled="${XDG_CACHE_HOME:-$HOME/.cache}/dendro/compiled"
  if [ -d "$compiled" ] || mkdir -p "$compiled" 2>/dev/null; then
    export NODE_COMPILE_CACHE="$compiled"
  fi
fi
# Memory in large pages, kept, and in two heaps for all threads: a walk over a large tree takes a quarter
# less time.
if [ -z "$GLIBC_TUNABLES" ]; then
  export GLIBC_TUNABLES=glibc.malloc.hugetlb=1:glibc.malloc.trim_threshold=268435456:glibc.malloc.top_pad=16777216:glibc.malloc.arena_max=2
fi
# What a folder cannot keep is remembered, name by name, until it goes into a file: V8 takes the like of
# it for lasting, and puts it where garbage stays longest (a million names: 60 MiB).
case " $* " in
  *" --plain "*) heap=--no-allocation-site-pretenuring ;;
  *) heap= ;;
esac
# A small young generation: a walk over a large tree makes garbage only, and takes 100 MB less. One
# thread of V8's own: more of them take the processors from the engine's two.
exec "$here/bin/node" --max-semi-space-size=4 --v8-pool-size=1 $heap --disable-warning=ExperimentalWarning \
  "$here/out/main/cli/dendro.js" "$@"

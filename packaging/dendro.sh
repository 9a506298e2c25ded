#!/bin/sh
# The command line of an installed Dendro, with the Node that came with it.
# With no PATH at all a shell looks in the current folder.
PATH=${PATH:+$PATH:}/usr/bin:/bin
self=$(readlink -f "$0")
here=${self%/bin/*}/lib/dendro
# Node puts /dev/null where standard output is closed, and all that is written there is lost without an
# error. What is open for reading only can be written to no better than what is closed.
if [ -d /proc/self/fd ] && ! [ -e /proc/self/fd/1 ]; then exec 1</dev/null; fi
# What the user has set for other programs that run on Node is not for this one: it would have it run
# other code, also as root, or end before it begins.
unset NODE_OPTIONS NODE_PATH NODE_V8_COVERAGE NODE_REDIRECT_WARNINGS NODE_DEBUG NODE_ICU_DATA \
  NODE_PRESERVE_SYMLINKS NODE_PRESERVE_SYMLINKS_MAIN NODE_CHANNEL_FD NODE_UNIQUE_ID \
  NODE_PENDING_DEPRECATION OPENSSL_CONF
# Compiled code is kept for the next start, which then takes a third of the time. Code from a folder
# that others can write to must not be run: sudo and su may keep the HOME and the XDG_CACHE_HOME of
# somebody else, and NODE_COMPILE_CACHE is often a folder in /tmp. Root, whose / is, asks none of them.
# It is made here: where that cannot be (/proc), Node would try for ever.
unset NODE_COMPILE_CACHE
if [ -O / ]; then
  own=/var caches=/var/cache
else
  own=$HOME caches=$HOME/.cache
  case $XDG_CACHE_HOME in /*) own=$XDG_CACHE_HOME caches=$XDG_CACHE_HOME ;; esac
fi
compiled=$caches/dendro/compiled
if [ -O "$own" ] && { [ -d "$compiled" ] || (umask 077 && mkdir -p "$compiled") 2>/dev/null; } &&
  [ -O "$compiled" ]; then
  export NODE_COMPILE_CACHE="$compiled"
fi
# Node takes a signal that it is to ignore for one that ends it, and nohup would be for nothing.
unset DENDRO_NOHUP
while read -r field mask; do
  case $field$mask in SigIgn:*[13579bdf]) export DENDRO_NOHUP=1 ;; esac
done 2>/dev/null </proc/self/status
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
# thread of V8's own: more of them take the processors from the engine's two. SIGUSR1 would have Node
# listen for a debugger on a port that everybody here can reach. No modules out of HOME.
exec "$here/bin/node" --max-semi-space-size=4 --v8-pool-size=1 $heap --disable-sigusr1 \
  --no-global-search-paths --disable-warning=ExperimentalWarning \
  "$here/out/main/cli/dendro.js" "$@"

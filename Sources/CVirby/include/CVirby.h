// What Swift's Glibc and Darwin modules leave out: GNU declarations, variadic calls, function-like
// macros. Nothing here decides anything; each function is the one call it is named after.
#ifndef CVIRBY_H
#define CVIRBY_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __APPLE__
#include <sys/random.h>
#endif

#ifdef __linux__
#include <linux/fs.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/sendfile.h>

static inline int cvirby_ioctl_ficlone(int destination, int source) {
  return ioctl(destination, FICLONE, source);
}

/// Attaches an open /dev/net/tun to the tap device of that name (TUNSETIFF).
static inline int cvirby_ioctl_tunsetiff(int fd, const char *name) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  return ioctl(fd, TUNSETIFF, &request);
}
#endif

static inline int cvirby_seek_data(void) { return SEEK_DATA; }
static inline int cvirby_seek_hole(void) { return SEEK_HOLE; }

#endif

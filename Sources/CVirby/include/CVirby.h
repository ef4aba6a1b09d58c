// What Swift's Glibc and Darwin modules leave out: GNU declarations, variadic calls, function-like
// macros. Nothing here decides anything; each function is the one call it is named after.
#ifndef CVIRBY_H
#define CVIRBY_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#ifdef __linux__
#include <features.h>
// With XPG4 names fd_set has another field than in Swift's Glibc module, and a file that imports both
// modules does not compile as soon as it comes across one.
#undef __USE_XOPEN
#endif

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
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

/// A pipe whose ends are close-on-exec (pipe2, where there is one).
static inline int cvirby_pipe(int ends[2]) {
#ifdef __linux__
  return pipe2(ends, O_CLOEXEC);
#else
  if (pipe(ends) != 0) return -1;
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  return 0;
#endif
}

/// A stream socket, non-blocking and close-on-exec.
static inline int cvirby_socket(int domain) {
#ifdef __linux__
  return socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
#else
  int fd = socket(domain, SOCK_STREAM, 0);
  if (fd >= 0) {
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
  return fd;
#endif
}

/// Two connected stream sockets, non-blocking and close-on-exec.
static inline int cvirby_socketpair(int ends[2]) {
#ifdef __linux__
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends);
#else
  int code = socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  for (int end = 0; code == 0 && end < 2; end++) {
    fcntl(ends[end], F_SETFL, O_NONBLOCK);
    fcntl(ends[end], F_SETFD, FD_CLOEXEC);
  }
  return code;
#endif
}

/// accept(2); the new socket is non-blocking and close-on-exec.
static inline int cvirby_accept(int listener) {
#ifdef __linux__
  return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
  int fd = accept(listener, NULL, NULL);
  if (fd >= 0) {
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
  return fd;
#endif
}

/// send(2) that answers EPIPE and raises no signal; on Darwin the socket has SO_NOSIGPIPE.
static inline ssize_t cvirby_send(int fd, const void *bytes, size_t count) {
#ifdef __linux__
  return send(fd, bytes, count, MSG_NOSIGNAL);
#else
  return send(fd, bytes, count, 0);
#endif
}

static inline int cvirby_seek_data(void) { return SEEK_DATA; }
static inline int cvirby_seek_hole(void) { return SEEK_HOLE; }

/// Gives the blocks of a range back to the file system (fallocate, F_PUNCHHOLE); it then reads as zeros.
static inline int cvirby_punch_hole(int fd, off_t offset, off_t length) {
#ifdef __linux__
  return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
#else
  struct fpunchhole hole = {.fp_offset = offset, .fp_length = length};
  return fcntl(fd, F_PUNCHHOLE, &hole);
#endif
}

#endif

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include "CVirby.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef __APPLE__
#include <crt_externs.h>
#include <mach-o/dyld.h>
#endif

#ifdef __linux__
#include <linux/fs.h>
#include <linux/if_tun.h>
#include <net/if.h>
#endif

#ifdef __linux__
int cvirby_ioctl_ficlone(int destination, int source) {
  return ioctl(destination, FICLONE, source);
}

int cvirby_ioctl_tunsetiff(int fd, const char *name) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  return ioctl(fd, TUNSETIFF, &request);
}
#endif

char **cvirby_environ(void) {
#ifdef __APPLE__
  return *_NSGetEnviron();
#else
  return environ;
#endif
}

int cvirby_executable(char *path, size_t size) {
#ifdef __APPLE__
  uint32_t room = size;
  if (_NSGetExecutablePath(path, &room) == 0) return 0;
  errno = ENAMETOOLONG;
  return -1;
#else
  ssize_t length = readlink("/proc/self/exe", path, size - 1);
  if (length < 0) return -1;
  path[length] = 0;
  return 0;
#endif
}

int cvirby_pipe(int ends[2]) {
#ifdef __linux__
  return pipe2(ends, O_CLOEXEC);
#else
  if (pipe(ends) != 0) return -1;
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  return 0;
#endif
}

int cvirby_socket(int domain) {
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

int cvirby_socketpair(int ends[2]) {
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

int cvirby_datagram_socketpair(int ends[2]) {
#ifdef __linux__
  return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends);
#else
  int code = socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
  for (int end = 0; code == 0 && end < 2; end++) {
    fcntl(ends[end], F_SETFD, FD_CLOEXEC);
  }
  return code;
#endif
}

int cvirby_accept(int listener) {
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

ssize_t cvirby_send(int fd, const void *bytes, size_t count) {
#ifdef __linux__
  return send(fd, bytes, count, MSG_NOSIGNAL);
#else
  return send(fd, bytes, count, 0);
#endif
}

int cvirby_tcp_rto_max_ms(void) { return 44; }

ssize_t cvirby_splice(int from, int to, size_t count) {
#ifdef __linux__
  return splice(from, NULL, to, NULL, count, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
#else
  (void)from, (void)to, (void)count;
  errno = ENOSYS;
  return -1;
#endif
}

int cvirby_set_pipe_size(int fd, int size) {
#ifdef __linux__
  return fcntl(fd, F_SETPIPE_SZ, size);
#else
  (void)fd, (void)size;
  errno = ENOSYS;
  return -1;
#endif
}

int cvirby_rename_exclusively(const char *old, const char *new_name) {
#ifdef __linux__
  return renameat2(AT_FDCWD, old, AT_FDCWD, new_name, RENAME_NOREPLACE);
#else
  return renamex_np(old, new_name, RENAME_EXCL);
#endif
}

int cvirby_ioctl_tiocgwinsz(int fd) {
  struct winsize size;
  return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int cvirby_seek_data(void) { return SEEK_DATA; }

int cvirby_seek_hole(void) { return SEEK_HOLE; }

void cvirby_begin_writing(int fd, off_t offset, off_t length) {
#ifdef __linux__
  sync_file_range(fd, offset, length, SYNC_FILE_RANGE_WRITE);
#else
  (void)fd, (void)offset, (void)length;
#endif
}

int cvirby_punch_hole(int fd, off_t offset, off_t length) {
#ifdef __linux__
  return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
#else
  struct fpunchhole hole = {.fp_offset = offset, .fp_length = length};
  return fcntl(fd, F_PUNCHHOLE, &hole);
#endif
}

const char *cvirby_commit(void) {
#ifdef VIRBY_COMMIT
  return VIRBY_COMMIT;
#else
  return "";
#endif
}

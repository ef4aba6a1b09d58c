// A stand-in for Darwin's kqueue(2) on Linux, so that what Virby has for macOS can run there: only what it
// uses, always EV_CLEAR, for one thread at a time, and as unkind as XNU where the two systems differ.
//
// - Reading and writing are told apart: a change of one is no notice of the other (epoll tells both).
// - shutdown(2) of the own side counts as an end in EVFILT_WRITE (socantsendmore, filt_sowrite_common).
// - close(2) takes a descriptor out, with all that had not been told (knote_fdclose).
// - A folder tells that an entry came or went, never which, and nothing of what its files contain; a file
//   tells NOTE_DELETE when its name goes, though it is still open (vn_kqfilter, VNOP_REMOVE).
// - The queue can be polled, and is close-on-exec (kqueue_internal).
//
// What it cannot do: a broken socket always has ECONNRESET in `fflags`, as SO_ERROR cannot be looked at
// without being taken; rmdir(2) of a watched folder is not told; what a queue has inside stays open.
#define _GNU_SOURCE
#include "CKqueue.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { most_descriptors = 1 << 16, most_events = 512 };

/// What one queue watches of one descriptor.
struct notes {
  void *reader, *writer, *watcher;
  int inotify;  // 0 if its vnode is not watched
  struct stat vnode;
};

struct queue {
  int readers;  // what kqueue() returned: an epoll set, with the other two kinds in it
  int writers;
  struct notes notes[most_descriptors];
};

static struct queue *queues[most_descriptors];
static int end_of_queues;
static bool is_shut[most_descriptors];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

// In epoll's 64 bits of data: the filter, and the descriptor it is for.
static uint64_t key(int filter, uintptr_t ident) { return (uint64_t)-filter << 32 | ident; }

static int control(int set, int what, int fd, uint32_t mask, uint64_t data) {
  struct epoll_event event = {.events = mask, .data.u64 = data};
  return epoll_ctl(set, what, fd, &event);
}

int kqueue(void) {
  int readers = epoll_create1(EPOLL_CLOEXEC);
  if (readers < 0) return -1;
  struct queue *queue = calloc(1, sizeof *queue);
  if (queue == NULL || (queue->writers = epoll_create1(EPOLL_CLOEXEC)) < 0) goto failed;
  queue->readers = readers;
  if (control(readers, EPOLL_CTL_ADD, queue->writers, EPOLLIN, key(0, 0)) < 0) goto failed;
  pthread_mutex_lock(&lock);
  free(queues[readers]);
  queues[readers] = queue;
  if (readers >= end_of_queues) end_of_queues = readers + 1;
  pthread_mutex_unlock(&lock);
  return readers;
failed:
  close(readers);
  free(queue);
  return -1;
}

int shutdown(int fd, int how) {
  if (syscall(SYS_shutdown, fd, how) < 0) return -1;
  if (how == 0) return 0;
  is_shut[fd] = true;
  for (int i = 0; i < end_of_queues; i++) {
    struct queue *queue = queues[i];
    // It is writable now, and being changed says so anew.
    if (queue) control(queue->writers, EPOLL_CTL_MOD, fd, EPOLLOUT | EPOLLET, key(EVFILT_WRITE, fd));
  }
  return 0;
}

static int add_socket(int set, const struct kevent *change, uint32_t mask) {
  uint64_t data = key(change->filter, change->ident);
  if (control(set, EPOLL_CTL_ADD, change->ident, mask | EPOLLET, data) == 0) return 0;
  if (errno != EEXIST) return -1;
  return control(set, EPOLL_CTL_MOD, change->ident, mask | EPOLLET, data);
}

static void forget_vnode(struct queue *queue, int fd) {
  struct notes *notes = &queue->notes[fd];
  if (notes->inotify > 0) close(notes->inotify);
  notes->inotify = 0;
}

static int add_vnode(struct queue *queue, const struct kevent *change) {
  struct notes *notes = &queue->notes[change->ident];
  forget_vnode(queue, change->ident);
  if (fstat(change->ident, &notes->vnode) < 0) return -1;
  uint32_t mask = IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;
  bool is_folder = S_ISDIR(notes->vnode.st_mode);
  mask |= is_folder ? IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO : IN_MODIFY;
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", (int)change->ident);
  notes->watcher = change->udata;
  notes->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (notes->inotify < 0 || inotify_add_watch(notes->inotify, path, mask) < 0) return -1;
  return control(
      queue->readers, EPOLL_CTL_ADD, notes->inotify, EPOLLIN, key(EVFILT_VNODE, change->ident));
}

static int apply(struct queue *queue, const struct kevent *change) {
  int fd = change->ident;
  struct notes *notes = &queue->notes[fd];
  bool adds = change->flags & EV_ADD;
  switch (change->filter) {
    case EVFILT_READ:
      if (!adds) return control(queue->readers, EPOLL_CTL_DEL, fd, 0, 0);
      notes->reader = change->udata;
      return add_socket(queue->readers, change, EPOLLIN | EPOLLRDHUP);
    case EVFILT_WRITE:
      if (!adds) return control(queue->writers, EPOLL_CTL_DEL, fd, 0, 0);
      is_shut[fd] = false;
      notes->writer = change->udata;
      return add_socket(queue->writers, change, EPOLLOUT);
    case EVFILT_VNODE:
      if (adds) return add_vnode(queue, change);
      forget_vnode(queue, fd);
      return 0;
  }
  errno = EINVAL;
  return -1;
}

/// What has happened to a vnode, taken from its inotify; 0 if nothing that was asked for, or if the
/// descriptor is another's by now.
static uint32_t take_vnode(struct queue *queue, int fd) {
  struct notes *notes = &queue->notes[fd];
  struct stat now;
  bool is_ours = fstat(fd, &now) == 0 && now.st_ino == notes->vnode.st_ino &&
                 now.st_dev == notes->vnode.st_dev;
  uint32_t seen = 0;
  _Alignas(struct inotify_event) char bytes[8192];
  ssize_t count;
  while ((count = read(notes->inotify, bytes, sizeof bytes)) > 0) {
    for (char *at = bytes; at < bytes + count;) {
      const struct inotify_event *event = (const struct inotify_event *)at;
      // With a name it is of a file in the folder: only that it came or went is told.
      seen |= event->len > 0 ? event->mask & ~(uint32_t)IN_ATTRIB : event->mask;
      at += sizeof *event + event->len;
    }
  }
  if (!is_ours) {
    forget_vnode(queue, fd);
    return 0;
  }
  uint32_t told = 0;
  if (seen & (IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)) told |= NOTE_WRITE;
  if (seen & IN_MOVE_SELF) told |= NOTE_RENAME;
  if (seen & IN_DELETE_SELF || (seen & IN_ATTRIB && now.st_nlink == 0)) told |= NOTE_DELETE;
  return told;
}

/// One notice as kevent(2) gives it; false if there is none after all.
static bool tell(struct queue *queue, struct epoll_event from, struct kevent *to) {
  int fd = (int)from.data.u64;
  struct notes *notes = &queue->notes[fd];
  bool ended = from.events & EPOLLHUP || from.events & EPOLLERR;
  *to = (struct kevent){.ident = fd, .filter = -(int)(from.data.u64 >> 32), .flags = EV_CLEAR};
  if (to->filter == EVFILT_VNODE) {
    to->udata = notes->watcher;
    to->fflags = take_vnode(queue, fd);
    return to->fflags != 0;
  }
  bool reads = to->filter == EVFILT_READ;
  to->udata = reads ? notes->reader : notes->writer;
  if (ended || (reads ? from.events & EPOLLRDHUP : is_shut[fd])) to->flags |= EV_EOF;
  if (from.events & EPOLLERR) to->fflags = ECONNRESET;
  return true;
}

static int collect(struct queue *queue, int set, struct kevent *to, int room) {
  struct epoll_event events[most_events];
  int told = 0;
  while (told == 0 && room > 0) {
    int count = epoll_wait(set, events, room < most_events ? room : most_events, 0);
    if (count <= 0) return count;
    for (int i = 0; i < count; i++) {
      // The other set, within this one: it has been looked at.
      if (events[i].data.u64 == key(0, 0)) continue;
      if (tell(queue, events[i], &to[told])) told++;
    }
    if (count == 1 && events[0].data.u64 == key(0, 0)) break;
  }
  return told;
}

int kevent(
    int queue_, const struct kevent *changes, int count, struct kevent *events, int room,
    const struct timespec *timeout) {
  struct queue *queue = queues[queue_];
  if (queue == NULL) return errno = EBADF, -1;
  for (int i = 0; i < count; i++)
    if (apply(queue, &changes[i]) < 0) return -1;
  if (room == 0) return 0;
  int milliseconds = timeout ? (int)(timeout->tv_sec * 1000 + timeout->tv_nsec / 1000000) : -1;
  struct pollfd any = {.fd = queue->readers, .events = POLLIN};
  if (milliseconds != 0 && poll(&any, 1, milliseconds) < 0) return -1;
  int writing = collect(queue, queue->writers, events, room);
  if (writing < 0) return -1;
  int reading = collect(queue, queue->readers, events + writing, room - writing);
  return reading < 0 ? -1 : writing + reading;
}

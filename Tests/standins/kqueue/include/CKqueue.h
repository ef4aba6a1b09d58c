// kqueue(2) as far as Virby uses it, with the values of Darwin's <sys/event.h>; kqueue.c says what it is.
#ifndef CKQUEUE_H
#define CKQUEUE_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct kevent {
  uintptr_t ident;
  int16_t filter;
  uint16_t flags;
  uint32_t fflags;
  intptr_t data;
  void *udata;
};

#define EVFILT_READ (-1)
#define EVFILT_WRITE (-2)
#define EVFILT_VNODE (-4)

#define EV_ADD 0x0001
#define EV_DELETE 0x0002
#define EV_CLEAR 0x0020
#define EV_EOF 0x8000

#define NOTE_DELETE 0x01
#define NOTE_WRITE 0x02
#define NOTE_EXTEND 0x04
#define NOTE_RENAME 0x20
#define NOTE_REVOKE 0x40

/// "For watching only" of open(2); on Linux reading has to do.
#define O_EVTONLY 0

int kqueue(void);
int kevent(
    int queue, const struct kevent *changes, int count, struct kevent *events, int room,
    const struct timespec *timeout);

#endif

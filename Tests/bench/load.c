// A server and a load for measuring what is between them: little of their own to do, so that the
// measured is what counts.
//
//   load server                     prints its port; serves what the loads below say
//   load bulk PORT STREAMS MIB      sends MIB in all over STREAMS connections: seconds
//   load duplex PORT MIB            sends MIB and receives as much at the same time: seconds
//   load connect PORT COUNT         connect, one byte there and back, close: microseconds, p50 and p99
//   load ping PORT COUNT            one byte there and back on one connection: microseconds, p50 and p99
//   load idle PORT COUNT            COUNT connections, a byte there and back on each; says "open", and
//                                   holds them until its input ends
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char buffer[256 << 10];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void send_at_once(int fd) {
  int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static int connected(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) err(71, "connect");
  send_at_once(fd);
  return fd;
}

static void there_and_back(int fd, char byte) {
  char answer = 0;
  if (send(fd, &byte, 1, 0) != 1) err(71, "send");
  if (recv(fd, &answer, 1, MSG_WAITALL) != 1) err(71, "no answer");
}

static void pour(int fd, long left) {
  while (left > 0) {
    ssize_t count = send(fd, buffer, left < (long)sizeof buffer ? (size_t)left : sizeof buffer, MSG_NOSIGNAL);
    if (count < 0) _exit(71);
    left -= count;
  }
}

static long drain(int fd, long left) {
  ssize_t count;
  while (left > 0 && (count = recv(fd, buffer, sizeof buffer, MSG_TRUNC)) > 0) left -= count;
  return left;
}

// Pours while it drains, in processes of their own, until the other side has had enough.
static void serve_duplex(int fd) {
  if (fork() == 0) pour(fd, LONG_MAX), _exit(0);
  if (fork() == 0) drain(fd, LONG_MAX), _exit(0);
  close(fd);
}

// What comes in is thrown away uncopied; a single byte is answered, and so is the end. Two bytes alone
// ask for as much as is taken.
static void serve(int fd) {
  ssize_t count;
  while ((count = recv(fd, buffer, sizeof buffer, MSG_TRUNC | MSG_DONTWAIT)) > 0) {
    if (count == 2) return serve_duplex(fd);
    if (count == 1 && send(fd, "!", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) break;
  }
  if (count < 0 && errno == EAGAIN) return;
  if (count == 0) send(fd, "!", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  close(fd);
}

static void server(void) {
  signal(SIGCHLD, SIG_IGN);
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 4096) != 0) err(71, "listen");
  getsockname(listener, (struct sockaddr *)&address, &length);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  int set = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[64];
  epoll_ctl(set, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int count = epoll_wait(set, events, 64, -1);
    for (int place = 0; place < count; place++) {
      if (events[place].data.fd != listener) {
        serve(events[place].data.fd);
        continue;
      }
      for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0;) {
        send_at_once(fd);
        event = (struct epoll_event){.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
      }
    }
  }
}

static void bulk(int port, int streams, int mebibytes) {
  double began = now();
  for (int stream = 0; stream < streams; stream++) {
    if (fork() != 0) continue;
    int fd = connected(port);
    char answer;
    pour(fd, ((long)mebibytes << 20) / streams);
    shutdown(fd, SHUT_WR);
    // A relay that drops the answer after the end has delivered the bytes nevertheless.
    if (recv(fd, &answer, 1, 0) < 0) err(71, "recv");
    _exit(0);
  }
  int status, failed = 0;
  while (wait(&status) > 0) failed |= status;
  if (failed) exit(71);
  printf("%.6f\n", now() - began);
}

static void duplex(int port, int mebibytes) {
  int fd = connected(port), status;
  if (send(fd, "??", 2, 0) != 2) err(71, "send");
  char answer;
  if (recv(fd, &answer, 1, 0) != 1) err(71, "recv");
  double began = now();
  if (fork() == 0) pour(fd, (long)mebibytes << 20), _exit(0);
  if (drain(fd, (long)mebibytes << 20) > 0) errx(71, "the other side ended early");
  wait(&status);
  if (status) exit(71);
  printf("%.6f\n", now() - began);
}

static int ascending(const void *one, const void *other) {
  double difference = *(const double *)one - *(const double *)other;
  return (difference > 0) - (difference < 0);
}

static void tell(double *times, int count) {
  qsort(times, (size_t)count, sizeof *times, ascending);
  printf("%.1f %.1f\n", times[count / 2] * 1e6, times[count * 99 / 100] * 1e6);
}

static void latency(int port, int count, int anew) {
  double *times = calloc((size_t)count, sizeof *times);
  int fd = anew ? -1 : connected(port);
  for (int turn = -count / 10; turn < count; turn++) { // the first tenth warms up
    double began = now();
    if (anew) fd = connected(port);
    there_and_back(fd, '?');
    if (turn >= 0) times[turn] = now() - began;
    if (anew) close(fd);
  }
  tell(times, count);
}

static void idle(int port, int count) {
  while (count-- > 0) there_and_back(connected(port), '?');
  puts("open");
  fflush(stdout);
  while (read(0, buffer, sizeof buffer) > 0) continue;
}

int main(int count, char **words) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  int port = count > 2 ? atoi(words[2]) : 0, number = count > 3 ? atoi(words[3]) : 0;
  const char *what = count > 1 ? words[1] : "";
  if (strcmp(what, "server") == 0) server();
  else if (strcmp(what, "bulk") == 0 && count == 5) bulk(port, number, atoi(words[4]));
  else if (strcmp(what, "duplex") == 0 && count == 4) duplex(port, number);
  else if (strcmp(what, "connect") == 0 && count == 4) latency(port, number, 1);
  else if (strcmp(what, "ping") == 0 && count == 4) latency(port, number, 0);
  else if (strcmp(what, "idle") == 0 && count == 4) idle(port, number);
  else errx(64, "see the head of load.c");
}

// relay -l ADDR:PORT ADDR:PORT: the least that a relay does on Linux: accept, connect, splice, close. No
// events, no readiness of the server, no keep-alive, no resets, no care for a shortage of anything. What
// it needs, every relay on this kernel needs, so it marks how near to a direct connection one can come.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

// One direction, under the number of the socket that it reads.
static struct flow {
  int to, pipe[2];
  long held; // bytes in the pipe
  bool ended;
} flows[65536];

static int set;
static char buffer[16 << 10];

static struct sockaddr_in endpoint(const char *text) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  const char *colon = strrchr(text, ':');
  if (colon == NULL) errx(64, "'%s' has no port", text);
  address.sin_port = htons((uint16_t)atoi(colon + 1));
  return address;
}

static int stream(void) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
  if (fd < 0) err(71, "socket");
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return fd;
}

static void watch(int fd, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
}

static void join(int from, int to) {
  flows[from] = (struct flow){.to = to, .pipe = {-1, -1}};
  watch(from, EPOLLIN | EPOLLOUT | EPOLLET);
}

static void part(int one, int other) {
  int both[] = {one, other};
  for (int end = 0; end < 2; end++) {
    struct flow *flow = &flows[both[end]];
    if (flow->pipe[0] >= 0) close(flow->pipe[0]), close(flow->pipe[1]);
    flow->to = 0;
    close(both[end]);
  }
}

// Moves what can be moved; false when the connection is over.
static bool move(int from) {
  struct flow *flow = &flows[from];
  for (;;) {
    while (flow->held > 0) {
      long count = splice(flow->pipe[0], NULL, flow->to, NULL, (size_t)flow->held, SPLICE_F_NONBLOCK);
      if (count < 0) return errno == EAGAIN;
      flow->held -= count;
    }
    if (flow->ended) return true;
    long count = flow->pipe[0] < 0 ? recv(from, buffer, sizeof buffer, 0)
                                   : splice(from, NULL, flow->pipe[1], NULL, 1 << 20, SPLICE_F_NONBLOCK);
    if (count < 0) return errno == EAGAIN;
    if (count == 0) {
      flow->ended = true;
      if (flows[flow->to].ended) return false;
      shutdown(flow->to, SHUT_WR);
    } else if (flow->pipe[0] >= 0) {
      flow->held = count;
    } else {
      if (send(flow->to, buffer, (size_t)count, MSG_NOSIGNAL) != count) return false;
      if (count < (long)sizeof buffer) continue;
      if (pipe(flow->pipe) != 0) err(71, "pipe");
      fcntl(flow->pipe[0], F_SETPIPE_SZ, 1 << 20);
    }
  }
}

int main(int count, char **words) {
  if (count != 4) errx(64, "see the head of relay.c");
  struct sockaddr_in here = endpoint(words[2]), there = endpoint(words[3]);
  signal(SIGPIPE, SIG_IGN);
  int listener = stream();
  if (bind(listener, (struct sockaddr *)&here, sizeof here) != 0 || listen(listener, 4096) != 0) err(71, "listen");
  set = epoll_create1(0);
  watch(listener, EPOLLIN);
  for (;;) {
    struct epoll_event events[64];
    int ready = epoll_wait(set, events, 64, -1);
    for (int place = 0; place < ready; place++) {
      int fd = events[place].data.fd;
      if (fd == listener) {
        int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK), server = stream();
        connect(server, (struct sockaddr *)&there, sizeof there);
        join(client, server);
        join(server, client);
      } else if (flows[fd].to != 0 && !(move(fd) && move(flows[fd].to))) {
        part(fd, flows[fd].to);
      }
    }
  }
}

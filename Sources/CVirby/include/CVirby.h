// What Swift's Glibc and Darwin modules leave out: GNU declarations, variadic calls, function-like
// macros. Nothing here decides anything; each function is the one call it is named after.
//
// The bodies are in CVirby.c, where _GNU_SOURCE is defined. Here it must not be, and of the system's
// headers only what Swift lacks is included: another definition of fd_set than in Swift's Glibc module,
// or a second one of STDIN_FILENO, is an error in whatever file comes across it.
#ifndef CVIRBY_H
#define CVIRBY_H

#include <sys/types.h>

#ifdef __APPLE__
#include <sys/random.h>
#endif

#ifdef __linux__
#include <sys/epoll.h>

/// Makes a file share the blocks of another (FICLONE).
int cvirby_ioctl_ficlone(int destination, int source);

/// Attaches an open /dev/net/tun to the tap device of that name (TUNSETIFF).
int cvirby_ioctl_tunsetiff(int fd, const char *name);
#endif

/// The environment. On Darwin a library has to ask for it.
char **cvirby_environ(void);

/// The path of the file that this process runs, ended by a NUL. -1 with errno if it is not to be had.
int cvirby_executable(char *path, size_t size);

/// A pipe whose ends are close-on-exec (pipe2, where there is one).
int cvirby_pipe(int ends[2]);

/// A stream socket, non-blocking and close-on-exec.
int cvirby_socket(int domain);

/// Two connected stream sockets, non-blocking and close-on-exec.
int cvirby_socketpair(int ends[2]);

/// Two connected datagram sockets, close-on-exec.
int cvirby_datagram_socketpair(int ends[2]);

/// accept(2); the new socket is non-blocking and close-on-exec.
int cvirby_accept(int listener);

/// send(2) that answers EPIPE and raises no signal; on Darwin the socket has SO_NOSIGPIPE.
ssize_t cvirby_send(int fd, const void *bytes, size_t count);

/// The socket option TCP_RTO_MAX_MS of Linux 6.15, which C libraries do not know yet.
int cvirby_tcp_rto_max_ms(void);

/// splice(2) between a pipe and a non-blocking socket. ENOSYS where there is none.
ssize_t cvirby_splice(int from, int to, size_t count);

/// Sets how many bytes a pipe holds (F_SETPIPE_SZ); returns how many it holds now. ENOSYS on Darwin.
int cvirby_set_pipe_size(int fd, int size);

/// Renames a file unless the new name is taken (renameat2 with RENAME_NOREPLACE, renamex_np with RENAME_EXCL).
int cvirby_rename_exclusively(const char *old, const char *new_name);

/// How many columns a terminal has (TIOCGWINSZ); 0 if it does not know, or is none.
int cvirby_ioctl_tiocgwinsz(int fd);

/// SEEK_DATA and SEEK_HOLE of lseek(2).
int cvirby_seek_data(void);
int cvirby_seek_hole(void);

/// Begins to write a range of a file to the disk, and does not wait (sync_file_range); nothing on Darwin.
void cvirby_begin_writing(int fd, off_t offset, off_t length);

/// Gives the blocks of a range back to the file system (fallocate, F_PUNCHHOLE); it then reads as zeros.
int cvirby_punch_hole(int fd, off_t offset, off_t length);

/// The commit that this was built from, if the build was told, or an empty string.
const char *cvirby_commit(void);

#endif

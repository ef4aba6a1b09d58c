#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Makes sure that 0, 1 and 2 are open, so that no file that is opened later gets one of these numbers
/// and an answer or a message is written into it.
///
/// What the caller has closed becomes /dev/null, opened the wrong way round: to use it is still an error.
func occupyStandardDescriptors() {
  for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 && errno == EBADF {
    // open(2) gives the lowest free number, which is this one.
    _ = open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
  }
}

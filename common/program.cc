#include "common/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/pipe.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

absl::StatusOr<pid_t> Spawn(ProgramCall call, int in, int out, int err) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  // The daemon blocks and ignores signals that a child should see.
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);

  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, call.arguments.front().c_str(), &actions, &attributes,
                    Pointers(call.arguments).data(), Pointers(call.environment).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error == 0) return pid;
  const std::string message =
      absl::StrCat("cannot start ", call.arguments.front(), ": ", std::strerror(error));
  return error == ENOENT ? absl::NotFoundError(message) : absl::InternalError(message);
}

// Into an empty pipe, which takes it all at once or has no reader.
void Feed(int fd, absl::string_view input) {
  while (!input.empty()) {
    const ssize_t written = ::write(fd, input.data(), input.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    input.remove_prefix(static_cast<size_t>(written));
  }
}

// Reads both streams to their ends; one alone could leave the program waiting on the other.
void ReadBoth(int out, int err, ProgramOutcome& outcome) {
  std::array<pollfd, 2> polled = {{{out, POLLIN, 0}, {err, POLLIN, 0}}};
  std::array<std::string*, 2> texts = {&outcome.out, &outcome.err};
  std::array<char, 16384> buffer;
  while (polled[0].fd >= 0 || polled[1].fd >= 0) {
    if (::poll(polled.data(), polled.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    for (size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].fd < 0 || polled[i].revents == 0) continue;
      const ssize_t count = ::read(polled[i].fd, buffer.data(), buffer.size());
      if (count > 0) texts[i]->append(buffer.data(), static_cast<size_t>(count));
      const bool later = count < 0 && (errno == EINTR || errno == EAGAIN);
      if (count <= 0 && !later) polled[i].fd = -1;
    }
  }
}

int WaitFor(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool IsExecutable(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

absl::StatusOr<ProgramOutcome> RunProgram(const ProgramCall& call,
                                          const Cancellation& cancellation) {
  NOPO_RETURN_IF_ERROR(cancellation.Check());
  NOPO_ASSIGN_OR_RETURN(Pipe in, MakePipe(ReadEnd::kBlocking));
  NOPO_ASSIGN_OR_RETURN(Pipe out, MakePipe());
  NOPO_ASSIGN_OR_RETURN(Pipe err, MakePipe());
  // Before there is a reader, so that one which reads nothing cannot raise SIGPIPE here.
  Feed(in.write_end.get(), call.input);
  in.write_end.Reset();
  NOPO_ASSIGN_OR_RETURN(const pid_t pid,
                        Spawn(call, in.read_end.get(), out.write_end.get(), err.write_end.get()));
  out.write_end.Reset();
  err.write_end.Reset();
  ProgramOutcome outcome;
  {
    const auto registration = cancellation.OnCancel([pid] { ::kill(-pid, SIGKILL); });
    ReadBoth(out.read_end.get(), err.read_end.get(), outcome);
  }
  outcome.exit_code = WaitFor(pid);
  NOPO_RETURN_IF_ERROR(cancellation.Check());
  return outcome;
}

std::string FindProgram(absl::string_view name, absl::string_view search_path) {
  if (absl::StrContains(name, "/")) {
    return IsExecutable(std::string(name)) ? std::string(name) : std::string();
  }
  for (const absl::string_view dir : absl::StrSplit(search_path, ':', absl::SkipEmpty())) {
    std::string path = absl::StrCat(dir, "/", name);
    // A relative one is no folder of ours.
    if (absl::StartsWith(dir, "/") && IsExecutable(path)) return path;
  }
  return "";
}

}  // namespace nopo

#include "daemon/project/git_command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status_macros.h"
#include "common/unique_fd.h"

namespace nopo {
namespace {

struct Pipe {
  UniqueFd read_end, write_end;
};

absl::StatusOr<Pipe> OpenPipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) {
    return absl::InternalError(absl::StrCat("pipe: ", std::strerror(errno)));
  }
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

// The caller's environment without what would point git at another repository, and with what keeps
// it quiet and its messages in English.
std::vector<std::string> GitEnvironment(const EnvironmentMap& caller) {
  std::vector<std::string> environment = {"GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0",
                                          "LC_ALL=C"};
  for (const auto& [name, value] : caller) {
    if (!absl::StartsWith(name, "GIT_") && name != "LC_ALL") {
      environment.push_back(absl::StrCat(name, "=", value));
    }
  }
  return environment;
}

// The program as the caller's shell would find it; "" when it would not.
std::string FindGit(const EnvironmentMap& environment) {
  const auto path = environment.find("PATH");
  const std::string dirs = path == environment.end() ? "/usr/bin:/bin" : path->second;
  for (const absl::string_view dir : absl::StrSplit(dirs, ':')) {
    std::string program = absl::StrCat(dir, "/git");
    if (absl::StartsWith(dir, "/") && ::access(program.c_str(), X_OK) == 0) return program;
  }
  return "";
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

absl::StatusOr<pid_t> Spawn(std::vector<std::string> arguments, const EnvironmentMap& caller,
                            int out, int err) {
  const std::string program = FindGit(caller);
  if (program.empty()) return absl::NotFoundError("there is no program 'git'");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
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
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  std::vector<std::string> environment = GitEnvironment(caller);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, program.c_str(), &actions, &attributes,
                                  Pointers(arguments).data(), Pointers(environment).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error == 0) return pid;
  return absl::InternalError(absl::StrCat("git: ", std::strerror(error)));
}

// Reads both streams to their ends; one alone could leave git waiting on the other.
void ReadBoth(int out, int err, std::string& out_text, std::string& err_text) {
  std::array<pollfd, 2> polled = {{{out, POLLIN, 0}, {err, POLLIN, 0}}};
  std::array<std::string*, 2> texts = {&out_text, &err_text};
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
      if (count == 0 || (count < 0 && errno != EINTR)) polled[i].fd = -1;
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

}  // namespace

absl::StatusOr<std::string> RunGit(const GitDirectory& dir,
                                   const std::vector<std::string>& arguments) {
  std::vector<std::string> command_line = {"git", "--no-pager",          "-C", dir.path.native(),
                                           "-c",  "core.fsmonitor=false"};
  command_line.insert(command_line.end(), arguments.begin(), arguments.end());
  NOPO_ASSIGN_OR_RETURN(Pipe out, OpenPipe());
  NOPO_ASSIGN_OR_RETURN(Pipe err, OpenPipe());
  NOPO_ASSIGN_OR_RETURN(const pid_t pid, Spawn(std::move(command_line), dir.environment,
                                               out.write_end.get(), err.write_end.get()));
  out.write_end.Reset();
  err.write_end.Reset();
  std::string out_text, err_text;
  ReadBoth(out.read_end.get(), err.read_end.get(), out_text, err_text);
  if (WaitFor(pid) == 0) return out_text;
  return absl::FailedPreconditionError(absl::StripAsciiWhitespace(err_text));
}

}  // namespace nopo

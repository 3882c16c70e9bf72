#include "common/runtime_paths.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"

namespace nopo {

std::string ReadProcessEnvironment(absl::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value == nullptr ? "" : value;
}

absl::StatusOr<RuntimePaths> FindRuntimePaths(const EnvironmentReader& environment) {
  const std::string socket = environment("NOPO_SOCKET");
  const std::string runtime_dir = environment("XDG_RUNTIME_DIR");
  const std::string state_home = environment("XDG_STATE_HOME");
  const std::string home = environment("HOME");
  if (home.empty() && (state_home.empty() || (socket.empty() && runtime_dir.empty()))) {
    return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kConfiguration,
                     "neither HOME nor XDG_STATE_HOME is set, so there is no place for the "
                     "daemon's files",
                     {"set HOME, or XDG_STATE_HOME and NOPO_SOCKET"});
  }
  const std::filesystem::path default_state =
      std::filesystem::path(home) / ".local" / "state" / "nopo";
  RuntimePaths paths;
  paths.state_dir = state_home.empty() ? default_state : std::filesystem::path(state_home) / "nopo";
  if (!socket.empty()) {
    if (socket.front() != '/') {
      return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                       absl::StrCat("NOPO_SOCKET is '", socket, "'; it must be an absolute path"));
    }
    paths.socket = socket;
  } else if (!runtime_dir.empty()) {
    paths.socket = std::filesystem::path(runtime_dir) / "nopo" / "nopod.sock";
  } else {
    paths.socket = default_state / "nopod.sock";
  }
  paths.lock = paths.socket;
  paths.lock += ".lock";
  paths.log = paths.state_dir / "nopod.log";
  return paths;
}

absl::Status MakePrivateDirectory(const std::filesystem::path& dir, bool must_be_private) {
  std::error_code error;
  std::filesystem::create_directories(dir.parent_path(), error);
  if (::mkdir(dir.c_str(), 0700) == 0) return absl::OkStatus();
  if (errno != EEXIST) {
    return MakeError(absl::StatusCode::kPermissionDenied, Reason::kPermission,
                     absl::StrCat("cannot create ", dir.string(), ": ", std::strerror(errno)));
  }
  struct stat found {};
  if (::stat(dir.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) {
    return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kPermission,
                     absl::StrCat(dir.string(), " is not a directory"));
  }
  if (must_be_private && (found.st_uid != ::geteuid() || (found.st_mode & 0022) != 0)) {
    return MakeError(
        absl::StatusCode::kPermissionDenied, Reason::kPermission,
        absl::StrCat(dir.string(), " can be written by other users"),
        {absl::StrCat("chmod 700 ", dir.string(), ", or point NOPO_SOCKET elsewhere")});
  }
  return absl::OkStatus();
}

}  // namespace nopo

// Where the daemon's files live for one user.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nopo {

struct RuntimePaths {
  std::filesystem::path socket;     // The daemon's listening socket.
  std::filesystem::path lock;       // Held (flock) by the running daemon; beside the socket.
  std::filesystem::path state_dir;  // Ledger, logs. Survives a reboot.
  std::filesystem::path log;        // state_dir/nopod.log
};

// Reads one environment variable; empty when unset.
using EnvironmentReader = std::function<std::string(absl::string_view name)>;

// The process's own environment.
std::string ReadProcessEnvironment(absl::string_view name);

// Socket: $NOPO_SOCKET, else $XDG_RUNTIME_DIR/nopo/nopod.sock, else ~/.local/state/nopo/nopod.sock.
// State: $XDG_STATE_HOME/nopo, else ~/.local/state/nopo. Creates nothing.
//
// Errors: FAILED_PRECONDITION when HOME is needed and unset; INVALID_ARGUMENT when NOPO_SOCKET is
// relative.
absl::StatusOr<RuntimePaths> FindRuntimePaths(const EnvironmentReader& environment);

// Creates `dir` (0700) and its parents. An existing `dir` must belong to the user and give nobody
// else access when `must_be_private`.
absl::Status MakePrivateDirectory(const std::filesystem::path& dir, bool must_be_private);

}  // namespace nopo

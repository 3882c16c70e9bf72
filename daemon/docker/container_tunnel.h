// Connections to a server in a container, through a command there that passes its standard streams
// on to the server.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "common/mutex.h"
#include "common/unique_fd.h"
#include "daemon/docker/docker_engine.h"

namespace nopo {

// Thread-safe. Each connection has a thread as long as it lives; it ends when either side does, and
// at the latest with this.
class ContainerTunnel {
 public:
  // `engine` must outlive it. `command` is a program of the container and its arguments.
  ContainerTunnel(DockerEngine& engine, std::string container, std::vector<std::string> command);
  ~ContainerTunnel();

  // A socket whose bytes go to the command's input and come from its stdout; blocks on use, closed
  // on exec.
  //
  // Errors: NOT_FOUND without such a container; FAILED_PRECONDITION when it does not run; those of
  // DockerEngine.
  absl::StatusOr<UniqueFd> Dial(const Cancellation& cancellation) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class Connection;

  DockerEngine& engine_;
  const std::string container_;
  const std::vector<std::string> command_;
  Mutex mutex_;
  std::vector<std::unique_ptr<Connection>> connections_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo

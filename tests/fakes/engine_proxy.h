// Stands between nopo and a real engine and can take the engine away: a fault at the process
// boundary, without harm to the engine that other tests use. Or shows the engine's BuildKit alone,
// as a buildkitd would be.
#pragma once

#include <filesystem>
#include <thread>
#include <vector>

#include "common/endpoint.h"
#include "common/mutex.h"
#include "common/unique_fd.h"

namespace nopo {

// Listens at a unix socket and carries bytes to and from the engine. Owns two threads a connection.
class EngineProxy {
 public:
  enum class Shows { kEngine, kBuildkit };

  EngineProxy(std::filesystem::path socket, Endpoint engine, Shows shows = Shows::kEngine);
  ~EngineProxy();

  std::string docker_host() const { return "unix://" + socket_.string(); }
  // As an engine that is killed: open connections break, and nobody answers at the socket.
  void Cut() ABSL_LOCKS_EXCLUDED(mutex_);
  // The engine is back.
  void Restore() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void AcceptUntilCut(int listener) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<UniqueFd> DialEngine() const;
  static void Copy(int from, int to);

  const std::filesystem::path socket_;
  const Endpoint engine_;
  const Shows shows_;
  Mutex mutex_;
  UniqueFd listener_;
  std::thread acceptor_;
  std::vector<UniqueFd> connections_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> copiers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo

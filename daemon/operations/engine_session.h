// The daemon's lasting connections to engines: one of each kind per endpoint.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "daemon/buildkit/buildkit_client.h"
#include "daemon/docker/container_tunnel.h"
#include "daemon/docker/docker_engine.h"
#include "daemon/docker/engine_discovery.h"
#include "daemon/docker/engine_mirror.h"
#include "daemon/operations/caller.h"

namespace nopo {

// What the engine calls itself.
struct EngineIdentity {
  std::string server;       // See EngineVersion.
  std::string version;      // "26.1.5"
  std::string api_version;  // What both sides speak.
};

struct EngineSession {
  explicit EngineSession(const EngineChoice& choice);

  // Asked for once (Docker takes 20 ms to answer), then remembered as long as the engine introduces
  // itself the same.
  absl::StatusOr<EngineIdentity> Identity(const Cancellation& cancellation)
      ABSL_LOCKS_EXCLUDED(mutex_);

  const EngineChoice choice;
  DockerEngine engine;
  EngineMirror mirror;
  BuildkitClient buildkit;

 private:
  Mutex mutex_;
  EngineIdentity identity_ ABSL_GUARDED_BY(mutex_);
};

// Thread-safe. What it hands out lives as long as the daemon.
class EngineSessions {
 public:
  // The session with the engine that the caller's `docker` would talk to. Does not connect: calls
  // on the session report what is wrong with the engine.
  //
  // Errors: as DiscoverEngine.
  absl::StatusOr<EngineSession*> For(const Caller& caller) ABSL_LOCKS_EXCLUDED(mutex_);

  // The client of a BuildKit that is not an engine's. Does not connect.
  BuildkitClient* BuildkitAt(const BuildkitAddress& address) ABSL_LOCKS_EXCLUDED(mutex_);
  // Of one that runs in a container of the engine of `session`, which is one of these.
  BuildkitClient* BuildkitIn(EngineSession& session, const std::string& container)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  Mutex mutex_;
  BuildkitClient* FindLocked(const BuildkitAddress& address) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Each of these uses what stands before it.
  std::map<std::string, std::unique_ptr<EngineSession>> sessions_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<ContainerTunnel>> tunnels_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<BuildkitClient>> buildkits_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo

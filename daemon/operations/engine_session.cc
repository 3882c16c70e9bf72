#include "daemon/operations/engine_session.h"

#include "common/status_macros.h"

namespace nopo {

EngineSession::EngineSession(const EngineChoice& choice)
    : choice(choice),
      engine(choice.endpoint),
      mirror(engine),
      buildkit({.endpoint = choice.endpoint}) {}

absl::StatusOr<EngineIdentity> EngineSession::Identity(const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const EngineVersion now, engine.Ping(cancellation));
  {
    MutexLock lock(mutex_);
    const bool same = identity_.server == now.server && identity_.api_version == now.api_version;
    if (same && !identity_.version.empty()) return identity_;
  }
  EngineIdentity identity{.server = now.server, .api_version = now.api_version};
  NOPO_ASSIGN_OR_RETURN(identity.version, engine.Version(cancellation));
  MutexLock lock(mutex_);
  identity_ = identity;
  return identity;
}

absl::StatusOr<EngineSession*> EngineSessions::For(const Caller& caller) {
  NOPO_ASSIGN_OR_RETURN(const EngineChoice choice, DiscoverEngine([&](absl::string_view name) {
                          return caller.Variable(name);
                        }));
  MutexLock lock(mutex_);
  std::unique_ptr<EngineSession>& session = sessions_[choice.endpoint.ToString()];
  if (session == nullptr) session = std::make_unique<EngineSession>(choice);
  return session.get();
}

BuildkitClient* EngineSessions::BuildkitAt(const BuildkitAddress& address) {
  MutexLock lock(mutex_);
  if (BuildkitClient* known = FindLocked(address)) return known;
  return buildkits_.emplace_back(std::make_unique<BuildkitClient>(address)).get();
}

BuildkitClient* EngineSessions::BuildkitIn(EngineSession& session, const std::string& container) {
  const BuildkitAddress address{
      .endpoint = session.choice.endpoint, .in_engine = false, .container = container};
  MutexLock lock(mutex_);
  if (BuildkitClient* known = FindLocked(address)) return known;
  ContainerTunnel& tunnel = *tunnels_.emplace_back(std::make_unique<ContainerTunnel>(
      session.engine, container, std::vector<std::string>{"buildctl", "dial-stdio"}));
  const auto dial = [&tunnel](const Cancellation& cancellation) {
    return tunnel.Dial(cancellation);
  };
  return buildkits_.emplace_back(std::make_unique<BuildkitClient>(address, dial)).get();
}

BuildkitClient* EngineSessions::FindLocked(const BuildkitAddress& address) const {
  for (const auto& buildkit : buildkits_) {
    if (buildkit->address() == address) return buildkit.get();
  }
  return nullptr;
}

}  // namespace nopo

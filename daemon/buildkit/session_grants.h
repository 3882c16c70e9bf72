// What a build may ask of its client besides files.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/buildkit/archive_sink.h"
#include "daemon/buildkit/oci_layout.h"

namespace grpc {
class Service;
}

namespace nopo {

// A login at a registry. Without a name the secret is an identity token; all empty: anonymous.
struct BuildLogin {
  std::string username, secret;
};

// Called on threads of the session's own, several at once.
using LoginLookup = std::function<absl::StatusOr<BuildLogin>(const std::string& registry)>;

struct SessionGrants {
  LoginLookup login;                              // Null: anonymous everywhere.
  std::map<std::string, std::string> secrets;     // Values by id.
  std::map<std::string, std::string> ssh_agents;  // Absolute paths of their sockets by id.
};

// A layout that BuildKit may read, and perhaps add to.
struct ContentStore {
  OciLayout layout;
  bool writable = false;
};

// A part of what a session serves: the service and its methods as BuildKit is told of them,
// "/moby.filesync.v1.Auth/Credentials".
struct SessionService {
  std::unique_ptr<grpc::Service> service;
  std::vector<std::string> methods;
};

// grpc.health.v1.Health, by which BuildKit finds out that a session is alive. Not gRPC's own, whose
// threads sleep for 100 ms after each second of rest and keep BuildKit's next call waiting.
SessionService MakeSessionHealth();

// moby.filesync.v1.Auth for `login`, which may be null.
SessionService MakeAuthService(LoginLookup login);

// moby.buildkit.secrets.v1.Secrets for `secrets`, values by id.
SessionService MakeSecretsService(std::map<std::string, std::string> secrets);
// moby.sshforward.v1.SSH for `agents`, paths of sockets by id.
SessionService MakeSshService(std::map<std::string, std::string> agents);

// moby.filesync.v1.FileSend for images that BuildKit sends as archives; `find` answers null for one
// that nobody asked for, by its name as the exporter was given it.
SessionService MakeImageReceiver(std::function<ArchiveOpener(const std::string& image)> find);
// containerd.services.content.v1.Content for stores by the id under which BuildKit asks for them;
// `find` answers null for an unknown one.
SessionService MakeContentService(
    std::function<std::shared_ptr<const ContentStore>(const std::string& id)> find);

// All that `grants` asks for.
std::vector<SessionService> MakeGrantServices(const SessionGrants& grants);

}  // namespace nopo

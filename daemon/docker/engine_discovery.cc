#include "daemon/docker/engine_discovery.h"

#include <sys/stat.h>

#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/docker/docker_config.h"
#include "daemon/docker/json_fields.h"

namespace nopo {
namespace {

namespace fs = std::filesystem;
using Environment = std::function<std::string(absl::string_view)>;

constexpr absl::string_view kDefaultSocket = "/var/run/docker.sock";

absl::Status ConfigurationError(absl::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration, message);
}

constexpr int kDockerTlsPort = 2376;

// What of Docker's three files there is in `folder`.
TlsSettings TlsFrom(const fs::path& folder) {
  std::error_code error;
  const auto file = [&](const char* name) {
    return fs::exists(folder / name, error) ? (folder / name).string() : "";
  };
  return {.authority = file("ca.pem"), .certificate = file("cert.pem"), .key = file("key.pem")};
}

// With TLS and the files in `tls_folder` unless that is empty.
absl::StatusOr<EngineChoice> Choose(const std::string& address, std::string source,
                                    const fs::path& tls_folder) {
  absl::StatusOr<Endpoint> endpoint =
      ParseEndpoint(address, tls_folder.empty() ? kDockerPort : kDockerTlsPort);
  if (endpoint.ok() && endpoint->kind == Endpoint::Kind::kTcp && !tls_folder.empty()) {
    endpoint->tls = TlsFrom(tls_folder);
  }
  if (endpoint.ok()) return EngineChoice{*std::move(endpoint), std::move(source)};
  if (absl::StartsWith(address, "ssh://")) {
    return ConfigurationError(absl::StrCat(
        source, ": nopo cannot reach an engine over SSH (", address,
        "); forward its socket with 'ssh -L' and set DOCKER_HOST=unix:///path instead"));
  }
  return ConfigurationError(absl::StrCat(source, ": ", endpoint.status().message()));
}

// The engine of a named context. Its folder is called by a hash of the name, which also stands
// inside: looking there needs no hash.
absl::StatusOr<EngineChoice> FromContext(const fs::path& config, const std::string& name) {
  const std::string source = absl::StrCat("context '", name, "'");
  std::error_code error;
  for (const auto& folder : fs::directory_iterator(config / "contexts" / "meta", error)) {
    NOPO_ASSIGN_OR_RETURN(const auto meta, ReadDockerConfigFile(folder.path() / "meta.json"));
    if (!meta.has_value() || TextAt(*meta, {"Name"}) != name) continue;
    const fs::path tls = config / "contexts" / "tls" / folder.path().filename() / "docker";
    const bool has_tls = fs::exists(tls, error);
    return Choose(TextAt(*meta, {"Endpoints", "docker", "Host"}), source, has_tls ? tls : "");
  }
  return ConfigurationError(absl::StrCat("Docker has no ", source, "; see 'docker context ls'"));
}

bool IsSocket(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
}

// Sockets of rootless, desktop and other engines, in order of preference.
std::vector<std::string> OtherSockets(const Environment& environment) {
  std::vector<std::string> paths;
  const std::string runtime = environment("XDG_RUNTIME_DIR");
  const std::string home = environment("HOME");
  if (!runtime.empty()) paths.push_back(runtime + "/docker.sock");
  if (!home.empty()) {
    for (const char* path : {"/.docker/run/docker.sock", "/.docker/desktop/docker.sock",
                             "/.colima/default/docker.sock", "/.config/colima/default/docker.sock",
                             "/.orbstack/run/docker.sock", "/.rd/docker.sock"}) {
      paths.push_back(home + path);
    }
    std::error_code error;
    for (const auto& machine : fs::directory_iterator(fs::path(home) / ".lima", error)) {
      paths.push_back((machine.path() / "sock" / "docker.sock").string());
    }
  }
  if (!runtime.empty()) paths.push_back(runtime + "/podman/podman.sock");
  paths.push_back("/run/podman/podman.sock");
  return paths;
}

EngineChoice FromSockets(const Environment& environment) {
  const EngineChoice standard{{.path = std::string(kDefaultSocket)}, "default socket"};
  if (IsSocket(standard.endpoint.path)) return standard;
  for (std::string& path : OtherSockets(environment)) {
    if (!IsSocket(path)) continue;
    Endpoint endpoint{.path = std::move(path)};
    // A stopped virtual machine leaves its socket behind.
    if (Dial(endpoint).ok()) {
      std::string source = absl::StrCat("socket ", endpoint.path);
      return {std::move(endpoint), std::move(source)};
    }
  }
  return standard;
}

}  // namespace

absl::StatusOr<EngineChoice> DiscoverEngine(const Environment& environment) {
  if (const std::string host = environment("DOCKER_HOST"); !host.empty()) {
    if (environment("DOCKER_TLS_VERIFY").empty()) return Choose(host, "DOCKER_HOST", "");
    const fs::path certificates = environment("DOCKER_CERT_PATH");
    return Choose(host, "DOCKER_HOST",
                  certificates.empty() ? DockerConfigFolder(environment) : certificates);
  }
  const fs::path config = DockerConfigFolder(environment);
  std::string context = environment("DOCKER_CONTEXT");
  if (context.empty() && !config.empty()) {
    NOPO_ASSIGN_OR_RETURN(const auto json, ReadDockerConfigFile(config / "config.json"));
    if (json.has_value()) context = TextAt(*json, {"currentContext"});
  }
  if (!context.empty() && context != "default") return FromContext(config, context);
  return FromSockets(environment);
}

}  // namespace nopo

#include "daemon/docker/docker_engine_connections.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "daemon/docker/engine_errors.h"
#include "daemon/docker/engine_json.h"
#include "daemon/docker/url.h"

namespace nopo {
namespace {

// The newest version whose answers nopo knows.
constexpr absl::string_view kOwnApiVersion = "1.45";

EngineVersion VersionFrom(const std::map<std::string, std::string>& headers) {
  const auto header = [&](const std::string& name) {
    const auto it = headers.find(name);
    return it == headers.end() ? std::string() : it->second;
  };
  EngineVersion version;
  version.engine_api_version = header("api-version");
  version.server = header("server");
  version.os = header("ostype");
  version.buildkit = header("builder-version") == "2";
  version.api_version = version.engine_api_version;
  if (version.api_version.empty() || version.ApiAtLeast(1, 45)) {
    version.api_version = std::string(kOwnApiVersion);
  }
  return version;
}

}  // namespace

absl::StatusOr<EngineVersion> DockerEngine::Connections::Ping(const Cancellation& cancellation) {
  absl::StatusOr<HttpResponse> response = client_.Send({.target = "/_ping"}, cancellation);
  if (!response.ok()) return Observe(response.status());
  if (response->status >= 400) return EngineError(response->status, response->body);
  const EngineVersion version = VersionFrom(response->headers);
  MutexLock lock(mutex_);
  version_ = version;
  return version;
}

absl::StatusOr<EngineVersion> DockerEngine::Connections::Version(const Cancellation& cancellation) {
  {
    MutexLock lock(mutex_);
    if (version_.has_value()) return *version_;
  }
  return Ping(cancellation);
}

absl::StatusOr<HttpResponse> DockerEngine::Connections::Call(HttpRequest request,
                                                             const Cancellation& cancellation) {
  NOPO_RETURN_IF_ERROR(AddVersion(request, cancellation));
  absl::StatusOr<HttpResponse> response = client_.Send(request, cancellation);
  if (!response.ok()) return Observe(response.status());
  if (response->status >= 400) return EngineError(response->status, response->body);
  return response;
}

absl::StatusOr<HttpStream> DockerEngine::Connections::Open(HttpRequest request,
                                                           const Cancellation& cancellation) {
  NOPO_RETURN_IF_ERROR(AddVersion(request, cancellation));
  absl::StatusOr<HttpStream> stream = client_.Open(request, cancellation);
  if (!stream.ok()) return Observe(stream.status());
  if (stream->status() < 400) return stream;
  NOPO_ASSIGN_OR_RETURN(const std::string body, stream->ReadAll());
  return EngineError(stream->status(), body);
}

absl::StatusOr<HttpUpload> DockerEngine::Connections::OpenUpload(HttpRequest request,
                                                                 const Cancellation& cancellation) {
  NOPO_RETURN_IF_ERROR(AddVersion(request, cancellation));
  absl::StatusOr<HttpUpload> upload = client_.OpenUpload(request, cancellation);
  if (!upload.ok()) return Observe(upload.status());
  return upload;
}

absl::StatusOr<std::string> DockerEngine::Connections::Get(std::string target,
                                                           const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(HttpResponse response, Call({.target = std::move(target)}, cancellation));
  return std::move(response.body);
}

absl::StatusOr<std::string> DockerEngine::Connections::Post(std::string target, std::string json,
                                                            const Cancellation& cancellation) {
  HttpRequest request{.method = "POST", .target = std::move(target), .json = std::move(json)};
  NOPO_ASSIGN_OR_RETURN(HttpResponse response, Call(std::move(request), cancellation));
  return std::move(response.body);
}

absl::Status DockerEngine::Connections::Delete(std::string target,
                                               const Cancellation& cancellation) {
  return Call({.method = "DELETE", .target = std::move(target)}, cancellation).status();
}

absl::Status DockerEngine::Connections::Observe(absl::Status status) {
  if (absl::IsUnavailable(status)) {
    MutexLock lock(mutex_);
    version_.reset();
  }
  return status;
}

absl::Status DockerEngine::Connections::AddVersion(HttpRequest& request,
                                                   const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const EngineVersion version, Version(cancellation));
  request.target = absl::StrCat("/v", version.api_version, request.target);
  return absl::OkStatus();
}

std::string ContainerTarget(absl::string_view id, absl::string_view rest) {
  return absl::StrCat("/containers/", PercentEncode(id), rest);
}

DockerEngine::DockerEngine(Endpoint endpoint)
    : connections_(std::make_unique<Connections>(std::move(endpoint))) {}
DockerEngine::~DockerEngine() = default;

const Endpoint& DockerEngine::endpoint() const { return connections_->endpoint(); }

absl::StatusOr<EngineVersion> DockerEngine::Ping(const Cancellation& cancellation) {
  return connections_->Ping(cancellation);
}

absl::StatusOr<std::string> DockerEngine::Version(const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const std::string body, connections_->Get("/version", cancellation));
  return ReadEngineRelease(body);
}

}  // namespace nopo

// What all calls of a DockerEngine share: the HTTP client and the API version both sides speak.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/mutex.h"
#include "daemon/docker/docker_engine.h"
#include "daemon/docker/http_client.h"

namespace nopo {

class DockerEngine::Connections {
 public:
  explicit Connections(Endpoint endpoint) : client_(std::move(endpoint)) {}

  const Endpoint& endpoint() const { return client_.endpoint(); }

  absl::StatusOr<EngineVersion> Ping(const Cancellation& cancellation) ABSL_LOCKS_EXCLUDED(mutex_);
  // What the last Ping said; pings when there was none, or when the engine has gone away since.
  absl::StatusOr<EngineVersion> Version(const Cancellation& cancellation)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Sends `request`, whose target is without "/v1.41", and reads the answer. A status of 400 and
  // above is an error (EngineError).
  absl::StatusOr<HttpResponse> Call(HttpRequest request, const Cancellation& cancellation);
  // The same for an answer that is followed.
  absl::StatusOr<HttpStream> Open(HttpRequest request, const Cancellation& cancellation);

  // The same for a request whose body follows; the answer's status is the caller's to look at.
  absl::StatusOr<HttpUpload> OpenUpload(HttpRequest request, const Cancellation& cancellation);

  absl::StatusOr<std::string> Get(std::string target, const Cancellation& cancellation);
  absl::StatusOr<std::string> Post(std::string target, std::string json,
                                   const Cancellation& cancellation);
  // Follows a pull or a push to its end; the manifest's digest. Errors as DockerEngine::PullImage.
  absl::StatusOr<std::string> Transfer(std::string target, absl::string_view registry_auth_json,
                                       const TransferObserver& progress,
                                       const Cancellation& cancellation);
  absl::Status Delete(std::string target, const Cancellation& cancellation);

  // `status` after taking note if it says that the engine is gone: another version may come back.
  absl::Status Observe(absl::Status status) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::Status AddVersion(HttpRequest& request, const Cancellation& cancellation);

  HttpClient client_;
  Mutex mutex_;
  std::optional<EngineVersion> version_ ABSL_GUARDED_BY(mutex_);
};

// "/containers/{id}" and what comes behind it.
std::string ContainerTarget(absl::string_view id, absl::string_view rest);

}  // namespace nopo
